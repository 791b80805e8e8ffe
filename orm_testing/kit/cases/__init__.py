"""The themes, one per module, in the order in which they are reported."""

from orm_testing.kit.cases.aggregates import Aggregates
from orm_testing.kit.cases.attachments import Attachments
from orm_testing.kit.cases.backdoor import Backdoor
from orm_testing.kit.cases.bulk import Bulk
from orm_testing.kit.cases.capabilities import Declarations
from orm_testing.kit.cases.concurrency import Concurrency
from orm_testing.kit.cases.conditions import Conditions
from orm_testing.kit.cases.create import Create
from orm_testing.kit.cases.delete import Delete
from orm_testing.kit.cases.errors import Errors, StoreErrors
from orm_testing.kit.cases.evolving import Evolving, FirstSchema
from orm_testing.kit.cases.faults import Faults
from orm_testing.kit.cases.hostile_names import AstralNames, HostileNames
from orm_testing.kit.cases.hostile_values import HostileValues
from orm_testing.kit.cases.isolation import IsolationLevels
from orm_testing.kit.cases.key_types import KeyTypes, Neighbours
from orm_testing.kit.cases.keys import Keys, Uniques
from orm_testing.kit.cases.lifecycle import Lifecycle, Loaded
from orm_testing.kit.cases.limits import Limits
from orm_testing.kit.cases.odd_tables import OddTables
from orm_testing.kit.cases.ordering import Ordering
from orm_testing.kit.cases.overlapping import Overlapping
from orm_testing.kit.cases.pages import Pages
from orm_testing.kit.cases.queries import Queries
from orm_testing.kit.cases.read import Read
from orm_testing.kit.cases.relations import Relations
from orm_testing.kit.cases.retyping import Retyping
from orm_testing.kit.cases.rules import Rules
from orm_testing.kit.cases.schema import Schema, TransactionalSchema
from orm_testing.kit.cases.structures import Structures
from orm_testing.kit.cases.text_queries import TextQueries
from orm_testing.kit.cases.transactions import Transactions
from orm_testing.kit.cases.twins import OneTwin, OtherTwin
from orm_testing.kit.cases.update import Update
from orm_testing.kit.cases.upsert import Upsert
from orm_testing.kit.cases.values import Values
from orm_testing.kit.support.cases import Cases

THEMES: tuple[type[Cases], ...] = (
    Create,
    Read,
    Update,
    Delete,
    Upsert,
    Bulk,
    Keys,
    Uniques,
    KeyTypes,
    Neighbours,
    Rules,
    Queries,
    TextQueries,
    Conditions,
    Ordering,
    Pages,
    Aggregates,
    Values,
    Structures,
    Limits,
    Relations,
    Transactions,
    Overlapping,
    IsolationLevels,
    Concurrency,
    Schema,
    TransactionalSchema,
    Evolving,
    FirstSchema,
    Retyping,
    Errors,
    StoreErrors,
    HostileValues,
    HostileNames,
    AstralNames,
    OddTables,
    Attachments,
    Faults,
    Lifecycle,
    Loaded,
    OneTwin,
    OtherTwin,
    Backdoor,
    Declarations,
)
