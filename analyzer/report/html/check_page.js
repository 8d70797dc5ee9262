// The page of `kimpact check`: the rules, and for each tree what breaks them, with a path.

function ruleWords(rule) {
  const parts = [];
  if (rule.never.length) parts.push(`never ${rule.never.map(visible).join(", ")}`);
  if (rule.only !== null) parts.push(`only ${rule.only.map(visible).join(", ")}`);
  if (rule.must.length) parts.push(`must ${rule.must.map(visible).join(", ")}`);
  if (rule.avoids.length) parts.push(`avoids ${rule.avoids.map(visible).join(", ")}`);
  return parts.join("; ");
}

function violationPart(one) {
  const on = one.platforms.length ? ` on ${one.platforms.map(visible).join(", ")}` : "";
  const title = make("span", "heading", {}, make("strong", "", {}, oneLine(one.rule)), ": ", oneLine(one.what),
    make("span", "members", {}, `with ${oneLine(one.when)}${on}`));
  const told = one.path.map((node, depth) => ({
    line: { depth, node: null, again: null, sites: [] },
    names: [visible(node.name)], as: null, unknown: false, remarks: [], place: placeOf(node),
    sites: node.call.file === null ? "" : `from ${placeOf(node.call)}`, folded: "", conditions: [],
  }));
  const part = section(title, true, (body) => body.append(treeOf(told, `A path that breaks ${oneLine(one.rule)}`, null)));
  part.classList.add("class");
  return part;
}

function checkPage(answer) {
  const broken = answer.trees.reduce((sum, tree) => sum + tree.violations.length, 0);
  const frame = new Frame(answer.configs, {
    title: answer.kept ? "all rules are kept" : counted(broken, "violation"),
    about: `${kernelText(answer)}, ${configsText(answer.configs)}, ${counted(answer.rules.length, "rule")}`,
    trees: true,
    panel: null,
    fill(main) {
      main.append(table("rules", ["rule", "function", "when", "what"], answer.rules.map((rule) => [
        oneLine(rule.name), span("mono", visible(rule.function)), span("expression", rule.when === null ? "" : oneLine(rule.when)), span("mono", ruleWords(rule))])));
      for (const tree of answer.trees) {
        if (tree.title) main.append(make("h2", "", {}, oneLine(tree.title)));
        if (tree.absent.length) main.append(make("p", "missing", {}, `not there: ${tree.absent.map(visible).join(", ")}`));
        if (!tree.violations.length) main.append(make("p", "empty", {}, "Every rule is kept."));
        tree.violations.forEach((one) => main.append(violationPart(one)));
      }
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  frame.show();
}
