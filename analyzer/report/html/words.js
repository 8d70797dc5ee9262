// Text: other people's names made harmless to read, and counts in words.

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

// Text with every character that has no glyph of its own spelled out: control characters,
// bidirectional overrides, bytes that were no UTF-8.
function visible(text) {
  return String(text).replace(HIDDEN, (character) => {
    let code = character.codePointAt(0);
    if (code >= 0xdc80 && code <= 0xdcff) code -= 0xdc00;
    const digits = code.toString(16);
    if (code < 0x100) return "\\x" + digits.padStart(2, "0");
    return code < 0x10000 ? "\\u" + digits.padStart(4, "0") : "\\U" + digits.padStart(8, "0");
  });
}

// The same, with each run of blanks and line ends as one blank first.
function oneLine(text) {
  return visible(String(text).replace(/[ \t\n]+/g, " ").trim());
}

function counted(count, one, many) {
  return `${count} ${count === 1 ? one : many || one + "s"}`;
}

// The place of a definition or call, empty where there is none.
function placeOf(each) {
  return each === null || each.file === null ? "" : visible(`${each.file}:${each.line}`);
}

// The names of the configurations in a mask, the first few of many.
function memberNames(configs, mask, most = 6) {
  const names = membersOf(mask, most).map((index) => visible(configs[index].name));
  const rest = sizeOf(mask) - names.length;
  return names.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

// How many configurations of how many, as the subject of a sentence.
function subjectOf(count, total) {
  if (total === 1) return "This configuration";
  if (count === total) return total > 2 ? `All ${total} configurations` : "Both configurations";
  return `${count} of ${total} configurations`;
}
