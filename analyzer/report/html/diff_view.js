// The diff of a patch with what compiles each added line, in the configurations that are chosen.

const MAX_DIFF_OPEN = 400; // lines of a file's diff that are shown at once

// The part for all files with hunks; null if there is none.
function diffPart(review, words, choice) {
  const files = review.files.filter((file) => file.hunks.length);
  const others = review.files.map((file, number) => [file, words.files[number]]).filter(([file]) => !file.hunks.length);
  if (!files.length && !others.length) return null;
  const title = words.coverage || "The patch";
  return section(oneLine(title).replace(/^./, (first) => first.toUpperCase()), true, (body) => {
    body.append(make("p", "legend", {}, make("span", "cover all", {}, "compiled in all chosen configurations"),
      make("span", "cover some", {}, "in some"), make("span", "cover none", {}, "in none of them"),
      make("span", "cover never", {}, "in none at all")));
    for (const file of files) body.append(fileDiff(file, words.files[review.files.indexOf(file)], review, words, choice));
    if (others.length) body.append(listOf(others.map(([, text]) => text)));
  });
}

function fileDiff(file, text, review, words, choice) {
  const covered = new Map();
  review.coverage.forEach((each, number) => {
    if (each.file !== file.new) return;
    for (let line = each.first; line <= each.last; line += 1) covered.set(line, { ...each, remedy: words.lines[number] });
  });
  const size = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  return section(span("mono", oneLine(text)), size <= MAX_DIFF_OPEN, (body) => {
    const rows = file.hunks.flatMap((hunk, number) => hunkRows(hunk, number, covered, choice));
    body.append(make("div", "diff", { role: "region", "aria-label": `Diff of ${oneLine(file.new || file.old)}`, tabindex: "0" },
      make("div", "lines", {}, ...rows)));
  });
}

function hunkRows(hunk, number, covered, choice) {
  const rows = number ? [make("div", "gap", { "aria-hidden": "true" }, "⋯")] : [];
  let old = hunk.old;
  let now = hunk.new;
  for (const line of hunk.lines) {
    const sign = line[0];
    const cover = sign === "+" ? covered.get(now) : undefined;
    const [kind, says] = cover === undefined ? ["", ""] : coverOf(cover, choice);
    rows.push(make("div", `line ${{ "+": "added", "-": "removed", " ": "kept" }[sign]}`, { "data-search": "" },
      make("span", `cover ${kind}`, { title: says || null }, kind ? srOnly(`${says}: `) : ""),
      span("number", sign === "+" ? "" : String(old)),
      span("number", sign === "-" ? "" : String(now)),
      span("sign", sign),
      span("code-text", visibleCode(line.slice(1))),
      kind === "none" || kind === "never" ? span("says", says) : null));
    if (sign !== "+") old += 1;
    if (sign !== "-") now += 1;
  }
  return rows;
}

// How an added line is compiled: a mark and words.
function coverOf(cover, choice) {
  const chosen = choice.mask();
  const mask = maskOf(cover.mask);
  if (mask === 0n) return ["never", oneLine(cover.remedy)];
  const both = mask & chosen;
  if (both === chosen) return ["all", "compiled in all chosen configurations"];
  if (both === 0n) return ["none", `compiled in ${memberNames(choice.configs, mask, 3)}`];
  return ["some", `compiled in ${memberNames(choice.configs, both, 3)}`];
}

// Source text with tabs as they are.
function visibleCode(text) {
  return text.split("\t").map(visible).join("\t");
}
