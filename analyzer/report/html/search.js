// Search in what is shown: matches are marked, rows that are closed are opened, and the number
// of matches is said.

const MAX_MARKED = 2000;

class Search {
  constructor(within) {
    this.within = within;
    this.matches = [];
    this.at = -1;
    this.input = make("input", "", { type: "search", id: "search", placeholder: "Search", "aria-label": "Search" });
    this.status = make("span", "matches", { role: "status" });
  }

  // Find anew in what is there now; the first match is not gone to.
  find(query) {
    markFound([]);
    this.matches = [];
    this.at = -1;
    const wanted = query.trim().toLowerCase();
    if (wanted) {
      ensureAll(this.within);
      const ranges = [];
      for (const item of this.within.querySelectorAll("[data-search], .row, tbody tr, li")) {
        if (!item.textContent.toLowerCase().includes(wanted)) continue;
        this.matches.push(item);
        if (ranges.length < MAX_MARKED) ranges.push(...rangesIn(item, wanted));
      }
      markFound(ranges);
    }
    this.say(wanted);
  }

  say(wanted) {
    const where = this.at >= 0 ? `${this.at + 1} of ` : "";
    this.status.textContent = wanted ? where + counted(this.matches.length, "match", "matches") : "";
  }

  // Go to the next match, or with -1 to the one before.
  go(step) {
    const count = this.matches.length;
    if (!count) return;
    this.at = this.at < 0 && step < 0 ? count - 1 : (this.at + step + count) % count;
    const item = this.matches[this.at];
    for (let part = item.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    if (item.classList.contains("row")) {
      reveal(item);
      select(item, false);
      const wanted = this.input.value.trim().toLowerCase();
      const inConditions = [...item.querySelectorAll(".condition")].some(
        (each) => each.textContent.toLowerCase().includes(wanted));
      if (inConditions) showConditions(item, true);
    }
    item.scrollIntoView({ block: "center" });
    this.say("now");
  }
}

// Mark ranges; browsers without the highlight interface do without.
function markFound(ranges) {
  if (!CSS.highlights) return;
  CSS.highlights.delete("found");
  if (ranges.length) CSS.highlights.set("found", new Highlight(...ranges));
}

function rangesIn(item, wanted) {
  const found = [];
  const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.toLowerCase();
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      found.push(range);
    }
  }
  return found;
}
