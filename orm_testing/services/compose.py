"""`orm-testing compose`: a file for Docker Compose with every service, for people who keep them running."""

import json
from collections.abc import Iterable

from orm_testing.services.ladder import variable
from orm_testing.services.product import Product

PASSWORD = "ormtesting"  # noqa: S105  (the ports are those of loopback, and the data are of tests)
"""Of letters alone: DynamoDB Local takes no others."""

PORTS_BEGIN = 10_000
"""Added to a product's own port, which a server of the machine may have."""


def compose(products: Iterable[Product]) -> str:
    """The file; what to export stands in its comments."""
    known = [product for product in products if product.image]
    exports = [f"#     export {variable(each.name)}='{_url(each)}'" for each in known]
    services = [line for each in known for line in _service(each)]
    return "\n".join(
        [
            "# Servers for the tests of orm_testing. Start them, and wait until they answer:",
            "#     docker compose up --wait",
            "# and say where they are:",
            *exports,
            "services:" if services else "services: {}",
            *services,
            "",
        ]
    )


def _url(product: Product) -> str:
    return product.url("127.0.0.1", PORTS_BEGIN + product.container_port, PASSWORD)


def _service(product: Product) -> list[str]:
    port = product.container_port
    environment = product.container_environment(PASSWORD)
    return [
        f"  {product.name}:",
        f"    image: {json.dumps(product.image)}",
        "    ports:",
        f'      - "127.0.0.1:{PORTS_BEGIN + port}:{port}"',
        "    environment:" if environment else "    environment: {}",
        *(f"      {name}: {_quoted(value)}" for name, value in environment.items()),
        *([f"    command: [{_listed(product.container_command)}]"] if product.container_command else []),
        "    healthcheck:",
        f"      test: [{_listed(('CMD', *product.container_health))}]",
        "      interval: 1s",
        "      timeout: 5s",
        "      retries: 60",
    ]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(_quoted, words))


def _quoted(text: str) -> str:
    """A string of YAML in which Compose substitutes nothing."""
    return json.dumps(text.replace("$", "$$"))
