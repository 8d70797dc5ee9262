"""Random programs of macros and random ``#if`` expressions, for comparison with GCC.

Everything is drawn from one seed. A program defines a few macros whose replacement lists
use each other, parameters, ``#``, ``##``, ``__VA_ARGS__`` and ``__VA_OPT__``, and then uses
them, with parentheses missing, empty and nested arguments, names split over lines.
"""

from __future__ import annotations

from random import Random

OBJECTS = ("A", "B", "C", "D")
FUNCTIONS = ("f", "g", "h", "k")
PARAMETERS = ("x", "y", "z")
PLAIN = ("1", "2u", "t", "s", "+", "-", ",", "->", "'c'", '"s\\n"', ".", "0x1p-3", "<<", "u")
PASTEABLE = ("1", "2u", "t", "s", "A", "f", "g", "B", "x1")


def program(random: Random, *, lone: bool = False) -> str:
    """The text of one program: definitions, then uses.

    ``lone``: replacement lists may also hold a parenthesis without its partner.
    """
    lines: list[str] = []
    arity: dict[str, tuple[int, bool]] = {}
    for name in random.sample(FUNCTIONS, random.randint(1, len(FUNCTIONS))):
        arity[name] = (random.randint(0, 3), random.random() < 0.3)
    objects = random.sample(OBJECTS, random.randint(1, len(OBJECTS)))
    for name in [*objects, *arity]:
        count, variadic = arity.get(name, (0, False))
        lines.append(_definition(random, name, count, variadic, arity, lone))
    random.shuffle(lines)
    for _ in range(random.randint(1, 4)):
        lines.append(_uses(random, arity, random.randint(1, 4), 3) + " ) ) ) ) ) ) ;")
        if random.random() < 0.15:
            name = random.choice([*objects, *arity])
            lines.append(f"#undef {name}")
    return "\n".join(lines) + "\n"


def _definition(
    random: Random,
    name: str,
    count: int,
    variadic: bool,
    arity: dict[str, tuple[int, bool]],
    lone: bool,
) -> str:
    names = list(PARAMETERS[:count])
    variable = ""
    if name in arity and variadic:
        variable = random.choice(("__VA_ARGS__", "__VA_ARGS__", "rest"))
    shown = [*names]
    if variable:
        shown.append("..." if variable == "__VA_ARGS__" else f"{variable}...")
    head = f"#define {name}"
    if name in arity:
        head += "(" + random.choice((", ", ",")).join(shown) + ")"
    usable = [*names, *([variable] if variable else [])]
    function_like = name in arity
    body: list[str] = []
    for _ in range(random.choice((0, 1, 1, 2, 3, 4, 6))):
        if lone and random.random() < 0.03:
            body.append(random.choice("()"))
        else:
            body.append(_body_item(random, usable, variable, arity, function_like))
    return f"{head} {' '.join(body)}"


def _body_item(
    random: Random,
    usable: list[str],
    variable: str,
    arity: dict[str, tuple[int, bool]],
    function_like: bool,
) -> str:
    kind = random.random()
    if kind < 0.3 and usable:
        return random.choice(usable)
    if kind < 0.4 and usable and function_like:
        return random.choice(("#", "# ")) + random.choice(usable)
    if kind < 0.52:
        operands = [*usable, *PASTEABLE]
        parts = [random.choice(operands) for _ in range(random.choice((2, 2, 3)))]
        return random.choice((" ## ", "##")).join(parts)
    if kind < 0.56 and variable:
        return f", ## {variable}"
    if kind < 0.62 and variable == "__VA_ARGS__":
        inner = " ".join(
            random.choice([*usable, *PLAIN, *arity, "A"]) for _ in range(random.randint(0, 3))
        )
        return f"__VA_OPT__({inner})"
    if kind < 0.78:
        return random.choice([*OBJECTS, *arity])
    if kind < 0.9 and arity:
        return _call(random, arity, usable or ["t"], 2)
    return random.choice(PLAIN)


def _call(random: Random, arity: dict[str, tuple[int, bool]], atoms: list[str], depth: int) -> str:
    name = random.choice(list(arity))
    count, variadic = arity[name]
    if variadic:
        count += random.choice((0, 1, 1, 2)) if count else random.choice((0, 1, 2))
    arguments = [_argument(random, arity, atoms, depth) for _ in range(count)]
    gap = random.choice(("", "", " ", "\n" if depth > 2 else " "))
    return f"{name}{gap}({random.choice((', ', ',')).join(arguments)})"


def _argument(
    random: Random, arity: dict[str, tuple[int, bool]], atoms: list[str], depth: int
) -> str:
    parts: list[str] = []
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        kind = random.random()
        if kind < 0.35:
            parts.append(random.choice([*OBJECTS, *arity]))
        elif kind < 0.6 and depth:
            parts.append(_call(random, arity, atoms, depth - 1))
        elif kind < 0.7:
            parts.append("(" + random.choice(("1, 2", "A", "t", ",", "f")) + ")")
        else:
            parts.append(random.choice([*atoms, *(one for one in PLAIN if one != ",")]))
    return " ".join(parts)


def _uses(random: Random, arity: dict[str, tuple[int, bool]], count: int, depth: int) -> str:
    parts: list[str] = []
    for _ in range(count):
        kind = random.random()
        if kind < 0.6:
            parts.append(_call(random, arity, ["t"], depth))
        elif kind < 0.7:
            parts.append(f"{_call(random, arity, ['t'], 1)}({_argument(random, arity, ['t'], 1)})")
        elif kind < 0.8:
            parts.append(f"({_argument(random, arity, ['t'], 2)})")
        else:
            parts.append(random.choice([*OBJECTS, *arity, *PLAIN]))
    return " ".join(parts)


NUMBERS = (
    "0 1 2 3 7 10 63 64 0x10 010 0b101 1u 2ul 0xffffffff 0x7fffffffffffffff 0x8000000000000000"
    " 0xffffffffffffffffu 18446744073709551615u 'a' '\\n' '\\0' '\\377' '\\x41' '\\'' 'ab' 1ull 5LL"
).split()
BINARY = "+ - * / % & | ^ << >> < > <= >= == != && ||".split()


def expression(random: Random, depth: int = 4) -> str:
    """A random ``#if`` expression over numbers, undefined and defined names."""
    kind = random.random()
    if depth == 0 or kind < 0.22:
        return random.choice(
            (*NUMBERS, "ONE", "BIG", "NEG", "NONE", "defined ONE", "defined(NONE)", "EMPTY 1")
        )
    if kind < 0.72:
        left, right = expression(random, depth - 1), expression(random, depth - 1)
        return f"{left} {random.choice(BINARY)} {right}"
    if kind < 0.8:
        return random.choice("!-+~") + " " + expression(random, depth - 1)
    if kind < 0.9:
        return f"({expression(random, depth - 1)})"
    if kind < 0.95:
        return f"({' ? '.join((expression(random, depth - 1), _branches(random, depth)))})"
    inner = expression(random, depth - 1)
    if "defined" in inner or any(operator in inner for operator in ("||", "&&", "?")):
        # GCC expands the operand of ``defined`` in an argument; we do not see the operators
        # that an operand behind a decided ``&&`` or ``||`` would bring.
        return f"({inner})"
    return f"TWICE({inner})"


def _branches(random: Random, depth: int) -> str:
    return f"{expression(random, depth - 1)} : {expression(random, depth - 1)}"
