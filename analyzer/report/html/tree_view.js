// A tree of lines that can be collapsed, walked with the keyboard and searched (WAI-ARIA
// pattern "tree view"). All trees of a page are walked as one.

// A row for what is said of a line. `mark` is "", "new" or "gone".
function rowOf(told, mark) {
  const row = make("div", "row", {
    role: "treeitem",
    "aria-level": told.line.depth + 1,
    "aria-selected": "false",
    tabindex: "-1",
    style: null,
  });
  row.style.setProperty("--depth", told.line.depth);
  if (told.line.node !== null) row.dataset.node = told.line.node.id;
  if (told.line.again !== null) row.dataset.again = told.line.again;
  if (mark) row.classList.add(mark);
  const head = make("div", "head", {});
  head.append(make("span", "twist", { "aria-hidden": "true" }));
  if (mark) head.append(make("span", "mark", {}, mark === "new" ? "+" : "−"), srOnly(mark === "new" ? "new: " : "gone: "));
  told.names.forEach((name, number) => {
    if (number) head.append(span("join", " > "));
    head.append(span(told.line.node !== null && told.line.node.kind === "macro" ? "name macro" : "name", name));
  });
  if (told.as !== null) head.append(span("as", ` as ${told.as}`));
  if (told.unknown) head.append(span("remark unknown", "unknown target"));
  for (const remark of told.remarks) head.append(remarkOf(remark));
  for (const label of new Set(told.conditions.flatMap((each) => each.labels))) {
    if (!label.startsWith("at boot")) head.append(make("span", "chip label", { "data-extra": "" }, label));
  }
  if (told.conditions.length) {
    const words = [];
    if (told.conditions.some((each) => each.when)) words.push("when");
    if (told.conditions.some((each) => each.ifs.length)) words.push("#if");
    head.append(make("span", "chip more", { "data-extra": "", title: "Show the conditions" }, words.join(" ")));
  }
  if (told.place) head.append(span("place", told.place));
  if (told.sites) head.append(span("sites", told.sites));
  if (told.folded) head.append(span("folded", told.folded));
  row.append(head);
  for (const condition of told.conditions) row.append(conditionOf(condition));
  if (told.conditions.length) row.classList.add("conditioned");
  return row;
}

function srOnly(text) {
  return span("sr", text);
}

function remarkOf(remark) {
  if (remark.effects) return span("remark effect", remark.effects.join(", "));
  const link = remark === "see above" || remark === "see below";
  return span(link ? "remark again" : "remark", remark);
}

function conditionOf(condition) {
  const line = make("div", "condition", {});
  if (condition.when) {
    if (condition.on) line.append(span("on", `on ${condition.on} `));
    line.append(span("when", `when ${condition.when}`));
  }
  for (const each of condition.ifs) {
    if (line.hasChildNodes()) line.append("  ");
    line.append(span("if", `#if ${each.text}`));
    if (each.values) line.append(span("values", ` [${each.values}]`));
    line.append(span("where", ` ${each.place}`));
  }
  return line;
}

// A tree of told lines; `marks` says of each line whether it is new or gone.
function treeOf(told, title, marks) {
  const whole = make("div", "tree", { role: told.length ? "tree" : null, "aria-label": told.length ? title : null });
  told.forEach((each, number) => {
    const row = rowOf(each, marks ? marks[number] : "");
    if (number + 1 < told.length && told[number + 1].line.depth > each.line.depth) {
      row.setAttribute("aria-expanded", "true");
    }
    row.tabIndex = number ? -1 : 0;
    whole.append(row);
  });
  return whole;
}

function depthOf(row) {
  return Number(row.getAttribute("aria-level"));
}

// The rows below a row.
function belowRow(row) {
  const found = [];
  for (let next = row.nextElementSibling; next && depthOf(next) > depthOf(row); next = next.nextElementSibling) {
    found.push(next);
  }
  return found;
}

function aboveRow(row) {
  let at = row.previousElementSibling;
  while (at && depthOf(at) >= depthOf(row)) at = at.previousElementSibling;
  return at;
}

// Open or close a row; what is closed further below stays closed.
function expand(row, open) {
  if (!row.hasAttribute("aria-expanded")) return;
  row.setAttribute("aria-expanded", String(open));
  let closed = null;
  for (const each of belowRow(row)) {
    if (closed !== null && depthOf(each) <= closed) closed = null;
    each.hidden = !open || closed !== null;
    if (closed === null && each.getAttribute("aria-expanded") === "false") closed = depthOf(each);
  }
}

function reveal(row) {
  for (let part = row.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  for (let above = aboveRow(row); above; above = aboveRow(above)) expand(above, true);
}

function visibleRows(within) {
  return [...(within || document).querySelectorAll(".row")].filter((row) => row.offsetParent !== null);
}

// Make a row the current one, and the one of its tree that Tab leads to.
function select(row, focus) {
  document.querySelectorAll(".row[aria-selected=true]").forEach((each) => {
    each.setAttribute("aria-selected", "false");
  });
  row.parentElement.querySelectorAll(".row[tabindex='0']").forEach((each) => { each.tabIndex = -1; });
  row.setAttribute("aria-selected", "true");
  row.tabIndex = 0;
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function showConditions(row, shown) {
  if (row.classList.contains("conditioned")) row.classList.toggle("open", shown);
}

// From a row that says "see above" to the place that it means.
function followAgain(row) {
  if (!row.dataset.again) return false;
  const there = [...row.parentElement.querySelectorAll(".row")].find(
    (each) => each.dataset.node === row.dataset.node && !each.dataset.again);
  if (!there) return false;
  reveal(there);
  select(there, true);
  there.classList.add("flash");
  setTimeout(() => there.classList.remove("flash"), 900);
  return true;
}

// What a key does on a row; whether it did anything.
function treeKey(row, key) {
  const open = row.getAttribute("aria-expanded");
  const rows = visibleRows();
  const at = rows.indexOf(row);
  const go = (there) => {
    if (there) select(there, true);
    return true;
  };
  switch (key) {
    case "ArrowDown": case "j": return go(rows[at + 1]);
    case "ArrowUp": case "k": return go(rows[at - 1]);
    case "Home": return go(rows[0]);
    case "End": return go(rows[rows.length - 1]);
    case "ArrowRight":
      if (open === "false") expand(row, true);
      else if (open === "true") go(rows[at + 1]);
      return true;
    case "ArrowLeft":
      if (open === "true") expand(row, false);
      else go(aboveRow(row));
      return true;
    case "Enter": case " ":
      if (!followAgain(row)) showConditions(row, !row.classList.contains("open"));
      return true;
    default: return false;
  }
}

// Clicks and keys of all trees below an element; `moved` is called when the current row changes.
function listenToTrees(element, moved) {
  element.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row || String(getSelection())) return;
    select(row, false);
    if (event.target.closest(".twist")) expand(row, row.getAttribute("aria-expanded") === "false");
    else if (event.target.closest(".again")) followAgain(row);
    else if (event.target.closest(".head")) showConditions(row, !row.classList.contains("open"));
    moved(document.querySelector(".row[aria-selected=true]"));
  });
  element.addEventListener("keydown", (event) => {
    const row = event.target.closest(".row");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (treeKey(row, event.key)) {
      event.preventDefault();
      moved(document.querySelector(".row[aria-selected=true]"));
    }
  });
}
