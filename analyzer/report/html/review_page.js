// The page of `kimpact review`: for each patch what changes where, the trees before and after
// side by side, which configurations compile the added lines, what to run, what is claimed.

const SHOWN = [
  ["effects", "effects change"],
  ["paths", "paths change"],
  ["same", "same paths"],
];

function kindOf(change) {
  const effects = (list) => (list === null ? "none" : list.join(" "));
  if (effects(change.before) !== effects(change.after)) return "effects";
  return change.gone.length || change.new.length ? "paths" : "same";
}

// The symbols of all paths of a review, each once; those after the patch first.
function symbolsOfReview(answer) {
  const found = new Map();
  for (const review of answer.reviews) {
    for (const entry of review.entries) {
      for (const side of [entry.after, entry.before]) {
        for (const symbol of side === null ? [] : side.symbols) {
          if (!found.has(symbol.name)) found.set(symbol.name, symbol);
        }
      }
    }
  }
  return [...found.values()];
}

class ReviewView {
  constructor(answer) {
    this.answer = answer;
    this.choice = new Choice(answer.configs, answer.support, answer.platforms,
      symbolsOfReview(answer));
    this.shown = new Set(["effects", "paths"]);
    this.whole = false;
    this.graphs = new Map();
  }

  graphOf(paths) {
    if (paths === null) return null;
    if (!this.graphs.has(paths)) this.graphs.set(paths, readPaths(paths));
    return this.graphs.get(paths);
  }

  // Where a transition is met in what is chosen: { mask, platforms }, null if nowhere.
  metIn(change) {
    const mask = maskOf(change.mask) & this.choice.mask();
    const platform = this.choice.get("platform");
    if (mask === 0n) return null;
    if (platform !== null && change.platforms.length && !change.platforms.includes(platform)) return null;
    return { mask, platforms: platform === null ? change.platforms : [platform] };
  }

  // The transitions to show of a review: [{ entry, change, words, where }].
  transitions(review, words) {
    const found = [];
    review.entries.forEach((entry, number) => entry.transitions.forEach((change, index) => {
      const where = this.metIn(change);
      if (where === null || !this.shown.has(kindOf(change))) return;
      found.push({ entry, change, words: words.entries[number][index], where });
    }));
    return found;
  }

  fill(main, state) {
    this.restore(state);
    main.append(this.filters(state));
    const several = this.answer.reviews.length > 1;
    this.answer.reviews.forEach((review, number) => {
      const words = this.answer.words[number];
      if (!several) {
        main.append(make("p", "summary", { "data-search": "" }, oneLine(words.summary)));
        this.fillReview(main, review, words);
        return;
      }
      const title = make("span", "heading", {}, make("strong", "", {}, oneLine(words.title)),
        make("span", "members", {}, oneLine(words.summary)));
      main.append(section(title, !review.silent && (review.whole || this.answer.reviews.length < 4), (body) =>
        this.fillReview(body, review, words)));
    });
    const missing = missingText(this.answer.support, this.answer.configs);
    if (missing.length) main.append(make("p", "missing", {}, missing.join("; ")));
    const remarks = remarksPart(this.answer.diagnostics);
    if (remarks) main.append(remarks);
  }

  restore(state) {
    if (state.shown === null) return;
    const names = state.shown.split(",");
    this.shown = new Set(SHOWN.map(([name]) => name).filter((name) => names.includes(name)));
    this.whole = names.includes("whole");
  }

  filters(state) {
    const boxes = [...SHOWN, ["whole", "whole trees"]].map(([name, text]) => {
      const input = make("input", "", { type: "checkbox", id: `show-${name}` });
      input.checked = name === "whole" ? this.whole : this.shown.has(name);
      input.addEventListener("change", () => {
        if (name === "whole") this.whole = input.checked;
        else if (input.checked) this.shown.add(name);
        else this.shown.delete(name);
        state.shown = [...this.shown, ...(this.whole ? ["whole"] : [])].join(",");
        this.frame.show();
        document.getElementById(`show-${name}`).focus();
      });
      return make("label", "filter", {}, input, ` ${text}`);
    });
    return make("div", "filters", { role: "group", "aria-label": "Show" }, ...boxes);
  }

  fillReview(element, review, words) {
    const found = this.transitions(review, words);
    if (found.length) element.append(this.table(found));
    else if (review.entries.length) element.append(make("p", "empty", {}, "No such change in what is chosen."));
    found.forEach((each, number) => {
      if (kindOf(each.change) === "same" && !this.whole) return;
      element.append(this.sides(each, number < 4));
    });
    const diff = diffPart(review, words, this.choice);
    if (diff) element.append(diff);
    for (const [title, items] of [
      ["What differs", [...words.functions, ...words.symbols, ...words.objects]],
      [oneLine(words.to_run), words.runs],
    ]) {
      if (items.length) element.append(section(title, true, (body) => body.append(listOf(items))));
    }
    if (review.claims.length) element.append(claimsPart(review, words));
    const remarks = remarksPart(review.diagnostics);
    if (remarks) element.append(remarks);
  }

  table(found) {
    const effects = found.some(({ change }) => (change.before || []).length || (change.after || []).length);
    const titles = ["function", "where", ...(effects ? ["before", "after"] : []), "paths"];
    return table("changes", titles, found.map(({ entry, change, words }) => {
      const kind = kindOf(change);
      const after = kind === "effects" ? span("changed", oneLine(words.after)) : span("dim", "the same");
      return [span("mono name", oneLine(entry.name)), oneLine(words.where),
        ...(effects ? [oneLine(words.before), after] : []), oneLine(words.paths)];
    }));
  }

  // Both trees of a transition, side by side.
  sides({ entry, change, words, where }, open) {
    const title = make("span", "heading", {}, make("strong", "mono", {}, oneLine(entry.name)), " ",
      span("expression", oneLine(words.where)), make("span", "members", {}, oneLine(words.heading)));
    const part = section(title, open, (body) => {
      const both = [["before", entry.before, change.before, change.gone, "gone"],
        ["after", entry.after, change.after, change.new, "new"]];
      const alone = both.find(([, paths, there]) => paths === null || there === null);
      body.append(make("div", alone ? `sides no-${alone[0]}` : "sides", {}, ...both.map(([word, paths, there, steps, mark]) => {
        const side = make("div", `side ${word}`, {}, make("h3", "", {}, word));
        const graph = there === null ? null : this.graphOf(paths);
        if (graph === null) side.append(make("p", "empty", {}, "There is no such function."));
        else side.append(this.side(graph, where, steps, mark, `${oneLine(entry.name)} ${word}`));
        return side;
      })));
    });
    part.classList.add("transition");
    return part;
  }

  side(graph, where, steps, mark, title) {
    const platforms = platformsIn(graph, where.mask, where.platforms.length ? where.platforms : graph.paths.platforms);
    const lines = linesOf(graph, where.mask, platforms);
    const changed = new Set(steps.map((step) => JSON.stringify(
      [step.caller, step.callee, step.name, step.kind, step.slot, step.context, step.guards])));
    const nameOf = (id) => (id === null ? null : graph.nodes.get(id).name);
    const marked = lines.map((line) => line.sites.some((edge) => changed.has(JSON.stringify(
      [nameOf(edge.from), nameOf(edge.to), edge.name, edge.kind, edge.slot, edge.context, edge.guards]))));
    const told = toldLines(graph, lines, where.mask, platforms);
    if (this.whole) return treeOf(told, title, marked.map((one) => (one ? mark : "")));
    const kept = onTheWay(lines, marked);
    const left = told.filter((_, number) => kept[number]);
    left.forEach((each) => {
      const count = besideCount(lines, kept, lines.indexOf(each.line));
      each.folded = count ? `+ ${counted(count, "other call")}` : "";
    });
    return treeOf(left, title, marked.filter((_, number) => kept[number]).map((one) => (one ? mark : "")));
  }
}

// Which lines are marked, stand above one that is, or are roots.
function onTheWay(lines, marked) {
  const kept = [...marked];
  let wanted = -1;
  for (let number = lines.length - 1; number >= 0; number -= 1) {
    const depth = lines[number].depth;
    if (marked[number] || depth === wanted || depth === 0) {
      kept[number] = true;
      wanted = depth - 1;
    } else if (depth < wanted) wanted = -1;
  }
  return kept;
}

// The calls of a line that are not drawn.
function besideCount(lines, kept, number) {
  let count = lines[number].folded;
  for (let at = number + 1; at < lines.length && lines[at].depth > lines[number].depth; at += 1) {
    if (lines[at].depth === lines[number].depth + 1 && !kept[at]) count += 1;
  }
  return count;
}

function listOf(items) {
  return make("ul", "plain", {}, ...items.map((item) => make("li", "mono", {}, oneLine(item))));
}

const STANDINGS = { "does not hold": 0, "holds only if": 1, "not decidable": 2, holds: 3 };

function claimsPart(review, words) {
  const order = review.claims.map((claim, number) => ({ claim, verdict: words.claims[number] }));
  order.sort((one, other) => STANDINGS[one.claim.standing] - STANDINGS[other.claim.standing]);
  return section("What the changelog says", true, (body) => body.append(table("claims", ["line", "claim", "verdict"],
    order.map(({ claim, verdict }) => [span("dim", String(claim.line)), span("mono", oneLine(claim.text)),
      span(`standing s${STANDINGS[claim.standing]}`, oneLine(verdict))]))));
}

function reviewPage(answer) {
  const view = new ReviewView(answer);
  const count = answer.reviews.length;
  const panel = new Panel(view.choice, () => view.frame.show(), () => []);
  view.frame = new Frame(answer.configs, {
    title: count === 1 ? oneLine(answer.words[0].title) : `${counted(count - 1, "patch", "patches")} and the whole series`,
    about: `${kernelText(answer)}, ${configsText(answer.configs)}`,
    trees: true,
    panel,
    fill: (main, state) => view.fill(main, state),
  });
  view.choice.take(view.frame.state.chosen);
  view.frame.show();
}
