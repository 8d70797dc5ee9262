"""What a function does with values: stores, calls with arguments, returns, in source order."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from analyzer.csource.action import CallAction, FunctionActions, ReturnAction, StoreAction
from analyzer.csource.action_walk import function_actions, initial_value
from analyzer.csource.operand import (
    Address,
    Aggregate,
    Choice,
    Derived,
    Element,
    Field,
    FunctionName,
    Literal,
    Load,
    Offset,
    Opaque,
    Operand,
    Place,
    Result,
    Variable,
    Varying,
    Words,
)
from analyzer.csource.sites import GuardWay
from analyzer.csource.syntax import Declaration, FunctionDefinition
from analyzer.csource.types import X86_64
from analyzer.csource.walk import Evaluator
from csource_snippet import Expansions, bound_of
from preprocess_case import unit, walk


def place_text(place: Place) -> str:
    root = place.root
    text = root.name if isinstance(root, Variable) else f"(*{operand_text(root)})"
    for step in place.path:
        if isinstance(step, Field):
            text += f".{step.name}"
        else:
            assert isinstance(step, Element)
            text += f"[{operand_text(step.index)}]"
    return text


def operand_text(operand: Operand | None) -> str:
    match operand:
        case None:
            return "nothing"
        case Literal(value):
            return str(value)
        case FunctionName(name):
            return f"{name}()"
        case Words(text):
            return repr(text)
        case Load(place):
            return place_text(place)
        case Address(place):
            return f"&{place_text(place)}"
        case Result(action):
            return f"#{action}"
        case Offset(tag, path):
            return f"offset {tag}.{'.'.join(path)}"
        case Derived(operator, operands):
            return f"({operator} {' '.join(map(operand_text, operands))})"
        case Choice(condition, then, otherwise):
            parts = (condition, then, otherwise)
            return f"({' ? '.join(map(operand_text, parts))})"
        case Aggregate(items):
            inside = (f"{place_text(Place(Opaque(), p))[4:]}={operand_text(v)}" for p, v in items)
            return "{" + ", ".join(inside) + "}"
        case Varying(alternatives):
            return " / ".join(f"{mask:x}:{operand_text(one)}" for mask, one in alternatives)
        case Opaque():
            return "?"


def lines(actions: FunctionActions) -> list[str]:
    result = []
    for action in actions.actions:
        match action:
            case StoreAction(place, value):
                text = f"{place_text(place)} = {operand_text(value)}"
            case CallAction(site, arguments, callee):
                name = site.name or f"*{operand_text(callee)}"
                text = f"{name}({', '.join(map(operand_text, arguments))})"
            case ReturnAction(value):
                text = f"return {operand_text(value)}"
        guards = [
            f"{'!' if guard.negated else ''}{operand_text(guard.operand)}"
            + ("" if guard.way is GuardWay.BRANCH else f" ({guard.way.value})")
            for guard in action.guards
        ]
        result.append(text + (f" if {' and '.join(guards)}" if guards else ""))
    return result


def actions(
    text: str, expansions: Expansions | None = None, mask: int = 1, name: str = "f"
) -> list[str]:
    bound, scope, abi = bound_of(text, expansions, mask)
    evaluator = Evaluator(scope, abi)
    for statement in bound.piece.body:
        if isinstance(statement, FunctionDefinition) and statement.name == name:
            return lines(function_actions(evaluator, statement, bound, mask))
    raise AssertionError(f"no function {name}")


def initial(text: str, name: str) -> str:
    bound, scope, abi = bound_of(text)
    for statement in bound.piece.body:
        if isinstance(statement, Declaration):
            for declarator in statement.declarators:
                if declarator.name == name:
                    value = initial_value(Evaluator(scope, abi), declarator, bound, 1)
                    return operand_text(value)
    raise AssertionError(f"no object {name}")


OPS = "struct ops { int (*open)(void); struct { void (*now)(int); } time; }; struct ops table;"


def test_stores_into_members_calls_and_returns_come_in_source_order() -> None:
    text = OPS + "int g(void); int f(int x) { table.open = g; return g() + x; }"
    assert actions(text) == ["table.open = g()", "g()", "return (+ #1 x)"]


def test_a_whole_member_structure_can_be_stored() -> None:
    text = OPS + "struct ops other; void f(void) { table.time = other.time; }"
    assert actions(text) == ["table.time = other.time"]


def test_places_behind_pointers_and_elements() -> None:
    text = OPS + "void f(struct ops *p, struct ops **q, int i) { p->open = (*q)[i].open; }"
    assert actions(text) == ["(*p).open = (*(*q))[i].open"]


def test_an_array_yields_its_address() -> None:
    text = "int a[4]; void g(int *p); void f(void) { g(a); g(a + 1); g(&a[2]); }"
    assert actions(text) == ["g(&a)", "g(&a[1])", "g(&a[2])"]


def test_the_address_of_what_a_pointer_points_to_is_the_pointer() -> None:
    text = "void g(int *p); void f(int *p) { g(&*p); }"
    assert actions(text) == ["g(p)"]


def test_guards_tell_what_their_condition_denotes() -> None:
    text = "int ready; void g(void); void f(int x) { if (!ready) return; if (x > 1) g(); }"
    assert actions(text) == [
        "return nothing if (! ready)",
        "g() if !(! ready) (passed) and (> x 1)",
    ]


def test_a_branch_that_does_not_come_back_makes_its_guard_fatal() -> None:
    text = (
        "__attribute__((noreturn)) void die(void); int bad; void g(void);"
        "void f(void) { if (bad) die(); g(); }"
    )
    assert actions(text) == ["die() if bad", "g() if !bad (survived)"]


def test_the_condition_of_a_loop_is_marked() -> None:
    text = "void g(int); void f(int n) { for (int i = 0; i < n; i++) g(i); }"
    assert actions(text)[1:] == ["g(i) if (< i n) (loop)", "i = (+ i 1)"]


def test_a_statement_expression_yields_its_last_value() -> None:
    text = (
        "struct box { int x; int head; };"
        "void g(struct box *b);"
        "void f(int *p) { g(({ void *m = (void *)p;"
        " (struct box *)(m - __builtin_offsetof(struct box, head)); })); }"
    )
    assert actions(text) == ["m = p", "g((- m offset box.head))"]


def test_a_conditional_expression_is_a_choice() -> None:
    text = "int g(void); int f(int x) { return x ? g() : 2; }"
    assert actions(text) == ["g() if x", "return (x ? #0 ? 2)"]


def test_macro_uses_that_differ_between_configurations_vary() -> None:
    text = "int g(void); int h(void); int (*p)(void); void f(void) { p = PICK; }"
    assert actions(text, {"PICK": [(1, "g"), (2, "h")]}, 3) == ["p = 1:g() / 2:h()"]


def test_increments_and_compound_assignments_are_stores() -> None:
    text = "int n; void f(void) { n++; n |= 4; }"
    assert actions(text) == ["n = (+ n 1)", "n = (| n 4)"]


def test_the_arguments_of_an_asm_call_are_told_by_their_registers() -> None:
    text = (
        "struct pv { void (*flush)(int, int); } pv;"
        'void f(int a, int b) { asm("call *%[slot]" : : [slot] "m" (pv.flush), "S" (b), "D" (a)); }'
    )
    assert actions(text) == ["*pv.flush(a, b)"]


def test_what_asm_writes_comes_of_its_inputs_and_of_what_it_calls() -> None:
    text = (
        "struct pv { int (*read)(int); } pv; struct box { int *item; };"
        'int f(int a) { int r = r; asm("call *%[slot]" : "=a" (r) : [slot] "m" (pv.read), "D" (a));'
        " return r; }"
        'void g(struct box *b, int *new) { asm("xchg %0, %1" : "+r" (new), "+m" (b->item)); }'
    )
    assert actions(text) == ["r = r", "*pv.read(a)", "r = (asm #1 pv.read a)", "return r"]
    assert actions(text, name="g") == [
        "new = (asm new (*b).item)",
        "(*b).item = (asm new (*b).item)",
    ]


def test_initialisers_by_name_by_position_and_nested() -> None:
    text = OPS + (
        "void g(int); int h(void);"
        "struct ops by_name = { .time.now = g, .open = h };"
        "struct ops in_order = { h, { g } };"
        "struct ops *both[] = { &by_name, &in_order };"
        "struct ops none;"
    )
    assert initial(text, "by_name") == "{.time.now=g(), .open=h()}"
    assert initial(text, "in_order") == "{.open=h(), .time.now=g()}"
    assert initial(text, "both") == "{[0]=&by_name, [1]=&in_order}"
    assert initial(text, "none") == "0"


def test_a_local_starts_with_its_initialiser() -> None:
    text = OPS + "int h(void); void g(struct ops *p); void f(void) { struct ops o = { h }; g(&o); }"
    assert actions(text) == ["o = {.open=h()}", "g(&o)"]


SENDING = """
struct port { int old, new; struct port *next; };
int get(int), other(int, int), note(int, int), put_old(struct port *, int);
int put_new(struct port *, int);
extern int limit;

#define SLOT(p) ((p)->MEMBER)
#define VALUE(x) (READ(x) + 1)
#define CHECKED(x) ({ int _c = VALUE(x); note(_c, VALUE(x)); _c; })
#define SEND(p, x) do {					\\
	int _r = CHECKED(x);				\\
	SLOT(p) = VALUE(_r);				\\
	if (SLOT(p) > limit)				\\
		PUT(p, CHECKED(x + 1));			\\
	SLOT(p->next) += _r;				\\
	note(SLOT(p), SLOT(p) ? VALUE(1) : VALUE(2));	\\
} while (0)

int f(struct port *p, int x)
{
	SEND(p, x);
	SEND(p->next, READ(3));
	return VALUE(x);
}
"""
DIFFERING = {
    "MEMBER": ("old", "new", "new"),
    "READ(x)": ("(get(x))", "(get(x))", "(other(x, 7))"),
    "PUT": ("put_old", "put_new", "put_old"),
}
"""What macros are in each of three configurations."""


def in_unit(bits: tuple[int, ...]) -> dict[int, list[str]]:
    """The actions of ``f`` in :data:`SENDING`, followed for the configurations ``bits`` at
    once, as each of these sees them."""
    defines = "".join(
        f"#ifdef ONLY_{bit}\n#define {name} {bodies[bit]}\n#endif\n"
        for name, bodies in DIFFERING.items()
        for bit in bits
    )
    mask = sum(1 << bit for bit in bits)
    base = {f"ONLY_{bit}": ((1 << bit, "1"),) for bit in bits}
    opened = unit(walk(defines + SENDING, mask=mask, base=base))
    (found,) = [
        one for one in opened.ordinary("f") if isinstance(one.statement, FunctionDefinition)
    ]
    assert isinstance(found.statement, FunctionDefinition)
    assert found.mask == mask
    known = function_actions(Evaluator(opened, X86_64), found.statement, found.bound, mask)
    return {bit: seen_by(known, 1 << bit) for bit in bits}


def seen_by(known: FunctionActions, bit: int) -> list[str]:
    """The actions in one configuration, counted in it alone."""
    here = [index for index, action in enumerate(known.actions) if action.mask & bit]
    numbers = {index: number for number, index in enumerate(here)}

    def only(node: object) -> object:
        if isinstance(node, Varying):
            return next((only(one) for where, one in node.alternatives if where & bit), Opaque())
        if isinstance(node, Result):
            return Result(numbers[node.action])
        if isinstance(node, tuple):
            return tuple(map(only, node))
        if isinstance(node, Variable):
            return replace(node, number=0)
        if is_dataclass(node) and not isinstance(node, type):
            return replace(
                node, **{one.name: only(getattr(node, one.name)) for one in fields(node)}
            )
        return node

    result = []
    for index in here:
        action = known.actions[index]
        guards = tuple(
            replace(guard, operand=only(guard.operand))
            for guard in action.guards
            if guard.mask & bit
        )
        match action:
            case StoreAction():
                place, value = only(action.place), only(action.value)
                action = replace(action, place=place, value=value, guards=guards)
            case CallAction():
                site = replace(action.site, guards=guards)
                arguments = only(action.arguments)
                callee = only(action.callee)
                action = replace(action, site=site, arguments=arguments, callee=callee)
            case ReturnAction():
                action = replace(action, value=only(action.value), guards=guards)
        result += lines(FunctionActions(known.name, known.parameters, (action,)))
    return result


def test_values_through_nested_macro_uses_are_those_of_each_configuration() -> None:
    together = in_unit((0, 1, 2))
    assert together[0][:4] == ["get(x)", "_c = (+ #0 1)", "get(x)", "note(_c, (+ #2 1))"]
    assert together[2][:2] == ["other(x, 7)", "_c = (+ #0 1)"]
    for bit, seen in together.items():
        assert seen == in_unit((bit,))[bit]
