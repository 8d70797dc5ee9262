// The page of `kimpact matrix`: which combinations can be had, what paths each gives; a row of
// the table chooses its witness.

function letterOf(number) {
  const letter = String.fromCharCode(65 + (number % 26));
  return number < 26 ? letter : letterOf(Math.floor(number / 26) - 1) + letter;
}

function reasonsOf(row) {
  return make("ul", "plain", {}, ...row.reasons.map((reason) =>
    make("li", "", {}, oneLine(reason.text), " ", span("place mono", placeOf(reason)))));
}

// The table of combinations.
function combinations(answer, choice, choose) {
  const config = choice.get("config");
  const written = answer.rows.some((row) => row.witness !== null);
  const rows = answer.rows.map((row) => {
    const values = answer.vary.map((name) => span(`mono value v-${row.values[name] === "n" ? "n" : "set"}`, visible(row.values[name])));
    const cells = [...values];
    if (row.config === null) cells.push(make("details", "why", {}, make("summary", "", {}, row.verdict), reasonsOf(row)));
    else {
      const letter = row.class === null ? "" : letterOf(row.class);
      const pick = button("small", letter ? `paths ${letter}` : "look at it", "Look at the paths of this combination", () => choose(row.config));
      pick.setAttribute("aria-pressed", String(config === row.config));
      cells.push(pick);
    }
    if (written) cells.push(span("mono dim", row.witness === null ? "" : visible(row.witness)));
    return cells;
  });
  return table("combinations", [...answer.vary.map(visible), "paths", ...(written ? ["witness"] : [])], rows);
}

function classesPart(answer) {
  const rows = answer.classes.flatMap((each, number) => {
    const outcomes = each.outcomes.length ? each.outcomes : [{ platforms: [], effects: [] }];
    return outcomes.map((outcome, index) => [
      index ? "" : span("name", letterOf(number)), index ? "" : span("expression", visible(each.when)),
      outcome.platforms.map(visible).join(", "),
      each.built ? outcome.effects.length ? effectsList(outcome.effects) : span("dim", "no effect seen") : span("dim", "not built")]);
  });
  return table("classes", ["paths", "when", "platforms", "what becomes of the object"], rows);
}

function consideredPart(answer) {
  if (!answer.considered.length) return null;
  return section(`Looked at and not varied (${answer.considered.length})`, false, (body) =>
    body.append(table("considered", ["symbol", "role", "asked for", "why"], answer.considered.map((each) => [
      span("mono", visible(each.symbol)), each.role, listOfStatements(each.evidence), listOfStatements(each.why)]))));
}

function listOfStatements(statements) {
  return make("span", "", {}, ...statements.map((one) => make("div", "", {}, oneLine(one.text), " ", span("place mono", placeOf(one)))));
}

function matrixPage(answer) {
  const paths = answer.paths;
  const graph = readPaths(paths);
  const choice = new Choice(paths.configs, paths.support, paths.platforms, variedSymbols(answer));
  const panel = new Panel(choice, () => frame.show(), (platform) =>
    effectsOn(graph, choice.mask("platform"), platform === null ? paths.platforms : [platform]));
  const frame = new Frame(paths.configs, {
    title: answer.functions.map(visible).join(", "),
    about: `${kernelText(answer)}, combinations from ${visible(answer.base.name)}`,
    trees: true,
    panel,
    fill(main) {
      main.append(combinations(answer, choice, (config) => panel.choose("config", config)));
      main.append(make("h2", "", {}, "What paths there are"), classesPart(answer));
      const considered = consideredPart(answer);
      if (considered) main.append(considered);
      main.append(make("h2", "", {}, "Paths of what is chosen"));
      fillGroups(main, graph, choice);
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  choice.take(frame.state.chosen);
  frame.show();
}

// The varied symbols with the values of the witnesses, then those of the paths.
function variedSymbols(answer) {
  const varied = answer.vary.map((name) => {
    const masks = new Map();
    for (const row of answer.rows) {
      if (row.config === null) continue;
      const value = row.values[name];
      masks.set(value, (masks.get(value) || 0n) | (1n << BigInt(row.config)));
    }
    return { name, values: [...masks].filter(([value]) => value !== UNSET).map(([value, mask]) => ({ value, mask: "0x" + mask.toString(16) })) };
  });
  return [...varied, ...answer.paths.symbols.filter((symbol) => !answer.vary.includes(symbol.name))];
}
