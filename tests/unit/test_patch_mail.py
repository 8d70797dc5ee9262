"""Mailboxes and messages: what is read as patch, message, author and order."""

from __future__ import annotations

import base64
import quopri

import pytest
from patch_case import remarks, series_of

from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.patch.model import Numbering

FROM = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
DIFF = "diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"


def message(
    subject: str, body: str = f"Why.\n---\n f | 2 +-\n\n{DIFF}-- \n2.39.5\n\n", head: str = ""
) -> str:
    return (
        f"{FROM}From: A U Thor <author@example.org>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
        f"Subject: {subject}\n{head}\n{body}"
    )


def test_a_message_is_a_patch_with_subject_author_and_text() -> None:
    body = f"First.\n\n  a\n    b [X]\n\nSigned-off-by: A\n---\n f | 2 +-\n\n{DIFF}-- \n2.39.5\n\n"
    (patch,) = series_of(message("[PATCH v3 2/4] mm: do it\n right", body)).patches
    assert patch.message.subject == "mm: do it right"
    assert patch.message.author == "A U Thor <author@example.org>"
    assert patch.message.lines == ("First.", "", "  a", "    b [X]", "", "Signed-off-by: A")
    assert patch.message.location == Location("p1", 7)
    assert patch.numbering == Numbering(3, 2, 4)
    assert patch.name == "p1"
    (found,) = patch.files
    assert found.location == Location("p1", 16)


def test_a_message_does_not_need_a_mailbox() -> None:
    text = message("x").removeprefix(FROM)
    assert series_of(text).patches[0].message.subject == "x"
    assert series_of("Description: no blank line\n" + DIFF).patches[0].files[0].path == "f"


def test_a_series_is_in_the_order_of_its_numbers() -> None:
    texts = [message(f"[PATCH {n}/3] number {n}") for n in (2, 0, 3, 1)]
    texts[1] = message("[PATCH 0/3] all of it", "Cover.\n\nA U Thor (3):\n  number 1\n")
    series = series_of("".join(texts))
    assert [each.message.subject for each in series.patches] == [
        "number 1",
        "number 2",
        "number 3",
    ]
    assert series.cover is not None
    assert (series.cover.subject, series.cover.lines[0]) == ("all of it", "Cover.")
    apart = series_of(*[message(f"[PATCH {n}/3] number {n}") for n in (3, 1, 2)])
    assert [each.message.subject for each in apart.patches] == ["number 1", "number 2", "number 3"]


def test_patches_without_numbers_are_in_the_order_given() -> None:
    series = series_of(message("[PATCH] second"), message("[PATCH] first"))
    assert [each.message.subject for each in series.patches] == ["second", "first"]
    mixed = series_of(message("[PATCH 2/2] b"), DIFF, message("[PATCH 1/2] a"))
    assert [each.message.subject for each in mixed.patches] == ["b", "", "a"]


def test_missing_numbers_are_remarked_on() -> None:
    diagnostics = Diagnostics()
    series_of(message("[PATCH 1/4] a"), message("[PATCH 4/4] b"), diagnostics=diagnostics)
    assert remarks(diagnostics) == [
        "p1:6: patch-series-incomplete: of 4 patches these are missing: 2, 3"
    ]


def test_replies_and_copies_are_left_out_with_a_remark() -> None:
    diagnostics = Diagnostics()
    reply = message("Re: [PATCH 1/1] a", "> +b\n\nWhy b?\n", "Message-ID: <2@x>\n")
    patch = message("[PATCH 1/1] a", head="Message-ID: <1@x>\n")
    series = series_of(patch + reply + patch, diagnostics=diagnostics)
    assert len(series.patches) == 1
    assert [each.code for each in diagnostics] == ["patch-message-skipped"] * 2


def test_encoded_bodies_are_decoded() -> None:
    body = f"Grüße = gut\n---\n{DIFF}".encode()
    for encoding, data in (
        ("base64", base64.encodebytes(body)),
        ("quoted-printable", quopri.encodestring(body)),
    ):
        head = (
            "Content-Type: text/plain; charset=utf-8\n"
            f"Content-Transfer-Encoding: {encoding}\nMIME-Version: 1.0\n"
        )
        (patch,) = series_of(message("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", data.decode(), head)).patches
        assert patch.message.subject == "Grüße"
        assert patch.message.lines == ("Grüße = gut",)
        assert patch.files[0].location == Location("p1 (the message, decoded)", 3)


def test_other_character_sets_change_the_text_and_not_the_diff() -> None:
    head = "Content-Type: text/plain; charset=iso-8859-1\n"
    raw = message("x", f"Grüße\n---\n{DIFF.replace('+b', '+ü')}", head).encode("latin-1")
    (patch,) = series_of(raw).patches
    assert patch.message.lines == ("Grüße",)
    assert patch.files[0].hunks[0].lines[1].text == b"\xfc\n"


def test_attached_patches_count() -> None:
    head = 'Content-Type: multipart/mixed; boundary="xx"\nMIME-Version: 1.0\n'
    body = (
        "--xx\nContent-Type: text/plain\n\nSee below.\n\n--xx\n"
        'Content-Type: text/x-patch; name="f.patch"\n'
        'Content-Disposition: attachment; filename="f.patch"\n'
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(DIFF.encode()).decode()}--xx--\n"
    )
    (patch,) = series_of(message("x", body, head)).patches
    assert patch.message.lines == ("See below.",)
    assert patch.files[0].location == Location("p1 (the message, part 2)", 1)


def test_flowed_text_is_put_right() -> None:
    body = DIFF.replace("@@ -1 +1 @@", "@@ -1,2 +1,2 @@") + "  context\n"
    head = "Content-Type: text/plain; format=flowed\n"
    (patch,) = series_of(message("x", f"One \nline.\n---\n{body}", head)).patches
    assert patch.message.lines == ("One line.",)
    assert patch.files[0].hunks[0].lines[2].text == b"context\n"


def test_mail_on_its_way_has_carriage_returns() -> None:
    diagnostics = Diagnostics()
    text = message("x").replace("\n", "\r\n")
    (patch,) = series_of(text, diagnostics=diagnostics).patches
    assert patch.files[0].hunks[0].lines[0].text == b"a\n"
    assert not patch.files[0].carriage_returns
    assert [each.code for each in diagnostics] == ["patch-crlf"]


def test_escaped_from_lines_are_restored_in_the_text() -> None:
    text = message("x", f">From here on.\n>>From there.\n---\n{DIFF}")
    assert series_of(text).patches[0].message.lines == ("From here on.", ">From there.")


def test_from_in_the_text_begins_no_message() -> None:
    text = message("x", f"From 12:00 to 13:00 2024\nthere is lunch.\n---\n{DIFF}")
    (patch,) = series_of(text).patches
    assert patch.message.lines[0] == "From 12:00 to 13:00 2024"


def test_the_body_may_name_another_author() -> None:
    text = message("x", f"From: B <b@example.org>\n\nText.\n---\n{DIFF}")
    (patch,) = series_of(text).patches
    assert (patch.message.author, patch.message.lines) == ("B <b@example.org>", ("Text.",))


def test_git_show_gives_a_message_too() -> None:
    text = (
        f"commit {'0' * 40} (HEAD -> main)\nAuthor: A <a@example.org>\nDate:   today\n\n"
        f"    mm: do it\n\n    Text:\n      f\n\n{DIFF}"
    )
    (patch,) = series_of(text).patches
    assert patch.message.author == "A <a@example.org>"
    assert patch.message.subject == "mm: do it"
    assert patch.message.lines == ("Text:", "  f")
    assert patch.message.location == Location("p1", 7)


def test_a_plain_diff_has_the_words_before_it() -> None:
    (patch,) = series_of(f"Make f true.\n\n  f\n    g\n---\nIndex: f\n{DIFF}").patches
    assert patch.message.lines == ("Make f true.", "", "  f", "    g")
    assert (patch.message.subject, patch.message.author) == ("", "")


def test_a_quoted_diff_in_the_text_is_text() -> None:
    text = message("x", f"Seen:\n\ndiff --git is a command\n@@ -1 +1 @@\n--- a\n+++ b\n---\n{DIFF}")
    (patch,) = series_of(text).patches
    assert len(patch.files) == 1
    assert patch.message.lines[2:] == (
        "diff --git is a command",
        "@@ -1 +1 @@",
        "--- a",
        "+++ b",
    )


def test_the_digest_is_that_of_the_bytes() -> None:
    assert series_of(DIFF).digest == series_of(DIFF).digest
    assert len({series_of(t).digest for t in (DIFF, DIFF + "\n", message("x"))}) == 3
    assert series_of(DIFF, strip=1).digest != series_of(DIFF).digest


@pytest.mark.parametrize("charset", ["utf-8\0", "hex", "none", "undefined", "idna"])
def test_a_character_set_that_is_none_is_as_if_it_were_utf_8(charset: str) -> None:
    """Found by fuzzing: a NUL in the name is a ValueError."""
    text = (
        "From: A <a@b.c>\nSubject: [PATCH] x\n"
        f'Content-Type: text/plain; charset="{charset}"\n\nm\u00e4h\n---\n{DIFF}'
    )
    (patch,) = series_of(text).patches
    assert patch.message is not None
    assert "m\u00e4h" in patch.message.lines


def test_a_character_set_in_a_head_that_is_none_leaves_the_field_as_it_is() -> None:
    """Found by fuzzing: another of the errors that the email package has for it."""
    text = f"From: =?utf\u00e98?q?A?= <a@b.c>\nSubject: [PATCH] x\n\nm\n---\n{DIFF}"
    (patch,) = series_of(text.encode("latin-1")).patches
    assert patch.message is not None
    assert "a@b.c" in patch.message.author
