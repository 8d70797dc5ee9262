"""Any text at all can be read as a changelog, and what is read can be checked."""

from __future__ import annotations

from claims_case import Paths, tree_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.impact.claims.check import check_changelog
from analyzer.impact.claims.reader import read_changelog
from analyzer.impact.result import Claim

NAMES = ("top_a", "mid_b", "low_c", "last_d", "free_it")

_word = st.sampled_from(
    (
        *NAMES,
        *(f"{name}()" for name in NAMES),
        *("->", "|-", "\\-", "+--", "|", "[", "]", "(", ")", ":", "...", "---", ">", "=>"),
        *("[CONFIG_PV]", "[!CONFIG_RCU, Xen PV]", "[see above]", "[slow path:]", "[frees via RCU]"),
        *("[KVM]", "[CONFIG_PV on native]", "[not native]", "[x]", "CONFIG_PV", "0x12", "50%"),
        *("if CONFIG_RCU is enabled:", "Call Trace:", "CPU0 CPU1", "if", "word", ";", "\t", ""),
    )
)
_line = st.builds(
    lambda indent, words: " " * indent + " ".join(words),
    st.integers(0, 12),
    st.lists(_word, max_size=4),
)
_drawing = st.lists(_line, max_size=16).map("\n".join)


def paths() -> Paths:
    """A few edges between the names, some on platforms only."""
    p = Paths()
    p.chain("top_a mid_b low_c", 0b0011)
    p.chain("top_a low_c last_d free_it", 0b1101)
    p.call("mid_b", "last_d", 0b0011, "kvm", guards=[("has(X)", "at boot: hypervisor feature")])
    p.call("low_c", None, 0b0100)
    p.happens("rcu-callback-free", mask=0b0101)
    return p


def checked(text: str) -> tuple[Claim, ...]:
    changelog = read_changelog(text)
    lines = text.count("\n") + 1
    for drawing in changelog.drawings:
        for index, call in enumerate(drawing.calls):
            assert 1 <= call.line <= lines
            assert call.name in text.replace("\r\n", "\n").split("\n")[call.line - 1]
            assert call.parent is None if index == 0 else call.parent is not None
            assert call.parent is None or call.parent < index
    return check_changelog(changelog, tree_of(paths()))


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    checked(text)


@given(_drawing)
@settings(max_examples=300, deadline=None)
def test_texts_that_look_like_drawings(text: str) -> None:
    for claim in checked(text):
        assert claim.text
        assert claim.line >= 1
        assert claim.mask & ~0b1111 == 0
