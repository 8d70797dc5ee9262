"""The facts of a knowledge file: what general kernel functions and macros mean.

Every fact is about one name. Argument indices count from 0. A name is a function or a
macro as it is spelled in a source, whichever the kernel at hand makes of it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Form(enum.Enum):
    """In which form an argument names an object."""

    POINTER = "pointer"
    """Its address as a pointer."""
    ADDRESS = "address"
    """Its virtual address as an integer."""
    PHYSICAL = "physical"
    """Its physical address."""
    PFN = "pfn"
    """The number of its page frame."""
    PAGE = "page"
    """Its ``struct page``."""
    FOLIO = "folio"
    PTDESC = "ptdesc"
    SLAB = "slab"
    ARRAY = "array"
    """An array of pointers to several objects."""
    BATCH = "batch"
    """A ``struct folio_batch`` of several."""
    LIST = "list"
    """A list head on which several hang."""


class Failure(enum.Enum):
    """How an allocation that failed shows in its result."""

    NULL = "null"
    ZERO = "zero"
    ERROR_POINTER = "error-pointer"
    NEGATIVE = "negative"


class Wait(enum.Enum):
    """What a synchronisation waits for or makes happen."""

    GRACE_PERIOD = "grace-period-wait"
    IPI = "ipi"
    TLB_FLUSH = "tlb-flush"


class PredicateKind(enum.Enum):
    """What a condition asks about."""

    CPU_FEATURE = "cpu-feature"
    HYPERVISOR = "hypervisor"
    CONFIDENTIAL_GUEST = "confidential-guest"
    STATIC_BRANCH = "static-branch"
    HINT = "hint"
    """The operand decides; the name says how likely it is thought to be."""
    CONFIGURATION = "configuration"
    FAILURE = "failure"
    """Whether the operand stands for an error."""


class ParameterKind(enum.Enum):
    """How a boot parameter takes effect."""

    HANDLER = "handler"
    """A function is called with its value."""
    VARIABLE = "variable"
    """A variable is set to its value."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where a callback runs.

    ``text``: in words, for people. ``here``: within the activation that hands it over.
    ``grace_period``: whether a grace period has passed before it runs.
    """

    name: str
    text: str
    here: bool = False
    grace_period: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """Function ``name`` runs its argument ``function`` in a context.

    ``data``: the argument that the callback is given, or that leads to it. The call
    returns after the callback if ``waits``, or if argument ``waits_argument`` is not 0.
    ``also_here``: whether it (also) runs on the calling processor.
    """

    name: str
    function: int
    context: str
    data: int | None = None
    waits: bool = False
    waits_argument: int | None = None
    also_here: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """A function stored in ``member`` of a ``struct name`` runs in a context."""

    name: str
    member: str
    context: str


@dataclass(frozen=True, slots=True)
class Starter:
    """Function ``name`` makes the function run that argument ``object`` holds.

    ``struct`` is the :class:`Holder` that the argument points to.
    """

    name: str
    object: int
    struct: str


@dataclass(frozen=True, slots=True)
class Release:
    """Function ``name`` gives argument ``object`` back to an allocator (``memory``).

    ``after``: the context in which it does (``rcu``: after a grace period); None for
    at once. Where the argument is null, nothing happens.
    """

    name: str
    object: int
    form: Form
    memory: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class ReferenceDrop:
    """Function ``name`` drops a reference to argument ``object``, which may be the last.

    ``release``: the argument that is called then, if it is one.
    """

    name: str
    object: int
    form: Form
    release: int | None = None


@dataclass(frozen=True, slots=True)
class Synchronisation:
    """Function ``name`` makes something happen before it returns.

    With ``waits_argument``, only if that argument is not 0.
    """

    name: str
    effect: Wait
    waits_argument: int | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """``name`` turns argument ``object`` from one form into another of the same object."""

    name: str
    object: int
    source: Form
    result: Form


@dataclass(frozen=True, slots=True)
class Allocation:
    """Function ``name`` returns memory, or says by ``failure`` that there is none."""

    name: str
    memory: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition spelled ``name(…)``, whose argument ``argument`` says what is asked.

    ``word``: in words (``static key {} on``), ``otherwise``: where the answer is no; ``{}``
    stands for the argument's text.
    """

    name: str
    kind: PredicateKind
    argument: int
    word: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class BootParameter:
    """Macro ``name`` at file scope registers the boot parameter spelled in ``parameter``.

    ``target`` is the argument with the handler or variable, None where it is named like
    the parameter. ``early``: before the other parameters are parsed.
    """

    name: str
    parameter: int
    kind: ParameterKind
    target: int | None
    early: bool = False


@dataclass(frozen=True, slots=True)
class Initcall:
    """Macro ``name`` at file scope lets argument ``function`` run at a level of the boot.

    ``level`` is the order: levels compare as text (``early`` and ``con`` have their own).
    """

    name: str
    level: str
    function: int = 0


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A ``struct name`` at file scope announces a platform.

    ``detect``: the member whose function says whether it is there; ``label``: the member
    with its name as text.
    """

    name: str
    detect: str
    label: str


@dataclass(frozen=True, slots=True)
class PlatformName:
    """The platform whose descriptor is called ``name`` is called ``short`` in answers."""

    name: str
    short: str


@dataclass(frozen=True, slots=True)
class StaticCalls:
    """A call of ``trampoline`` + ``x`` goes where ``member`` of the object ``name`` + ``x``
    says: calls that are patched when the object, the key, is changed. Function ``update``
    puts its argument ``function`` into the key that its first argument points to."""

    name: str
    trampoline: str
    member: str
    update: str
    function: int


@dataclass(frozen=True, slots=True)
class FeatureNames:
    """Macros that begin with ``name`` number CPU features; ``word`` is that one is there in
    words, ``otherwise`` that it is not, ``{}`` being the macro."""

    name: str
    word: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """A family of functions whose insides are of no interest to their callers.

    ``names`` and ``files`` are glob patterns: of a function or macro, or of the path of
    the file that defines it. ``*`` in a path matches ``/`` too.
    """

    name: str
    names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
