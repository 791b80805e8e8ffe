"""Clients of boto3 that know nothing but what they are told: no variable, no file, no proxy and no metadata of the user's."""

import functools
import os
import platform
import threading
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import boto3  # type: ignore[import-untyped]
import botocore.session  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigChainFactory, ConstantProvider  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
from botocore.handlers import add_recursion_detection_header  # type: ignore[import-untyped]
from botocore.loaders import Loader  # type: ignore[import-untyped]
from botocore.plugin import PluginContext, reset_plugin_context, set_plugin_context  # type: ignore[import-untyped]
from botocore.useragent import UserAgentString  # type: ignore[import-untyped]
from botocore.utils import parse_timestamp  # type: ignore[import-untyped]

from orm_testing.errors import ConfigurationError
from orm_testing_drivers.aws.endpoint import Endpoint

_FILES = ("config_file", "credentials_file")
_ASK_ELSEWHERE = ("env", "ec2-credentials-file", "boto-config", "container-role", "iam-role")
"""The ways of getting credentials that no profile names."""

_one_at_a_time = threading.Lock()
"""A session makes one client at a time; clients themselves may be shared by threads."""


def make(service: str, where: Endpoint, **settings: Any) -> Any:
    """A client for the service at this endpoint; `settings` are those of botocore's `Config`."""
    who: dict[str, Any] = {}
    if where.profile is None:
        who = {
            "aws_access_key_id": where.key,
            "aws_secret_access_key": where.secret,
            "aws_session_token": where.token,
        }
    config = Config(proxies={}, ignore_configured_endpoint_urls=True, **settings)
    with _one_at_a_time:
        undone = set_plugin_context(PluginContext(plugins="DISABLED"))
        try:
            return _session(where.profile).client(
                service,
                region_name=where.region,
                endpoint_url=where.address,
                verify=True,
                config=config,
                **who,
            )
        except BotoCoreError:  # of which some are a ValueError too
            raise
        except ValueError as error:
            raise ConfigurationError(
                "botocore takes names of servers that have letters, digits, hyphens and dots alone."
            ) from error
        finally:
            reset_plugin_context(undone)


@functools.cache
def _session(profile: str | None) -> "boto3.session.Session":
    session = botocore.session.Session()
    chains = ConfigChainFactory(session=session, environ={})
    settings = session.get_component("config_store")
    for name, (named, variables, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        if profile is None and name in _FILES:
            provider = ConstantProvider(os.devnull)
        else:
            provider = chains.create_config_chain(name, variables, named, default, convert)
        settings.set_config_provider(name, provider)
    for name in ("s3", "proxies_config"):
        settings.set_config_provider(name, ConstantProvider(None))
    session.register_component("data_loader", _loader())
    session.register_component("user_agent_creator", _user_agent())
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    session.unregister("before-call", add_recursion_detection_header)
    if profile is not None:
        session.set_config_variable("profile", profile)
        resolver = session.get_component("credential_provider")
        for name in _ASK_ELSEWHERE:
            resolver.remove(name)
    return boto3.session.Session(botocore_session=session)


def _loader() -> Loader:
    """Without the models that a user may keep in a directory of his own."""
    return Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def _time(told: Any) -> Any:
    """As botocore reads it, which takes up to a quarter of a request for the two forms that most times have."""
    if isinstance(told, str) and told[10:11] == "T" and told.endswith("Z"):
        return datetime.fromisoformat(told)
    if isinstance(told, str) and told.endswith(" GMT"):
        return parsedate_to_datetime(told)
    return parse_timestamp(told)


def _user_agent() -> UserAgentString:
    return UserAgentString(
        platform.system(),
        platform.release(),
        platform.machine(),
        platform.python_version(),
        platform.python_implementation(),
        execution_env=None,
    )
