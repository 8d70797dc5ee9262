// The page of `kimpact explain`: why a symbol has its value, and how it could get another.

// The tree of an explanation, as rows that can be collapsed.
function explainTree(each) {
  const told = [];
  const add = (depth, name, remarks, place, again) => told.push({
    line: { depth, node: null, again: null, sites: [] },
    names: name ? [name] : [], as: null, unknown: false, remarks: again ? [...remarks, "see above"] : remarks, place,
    sites: "", folded: "", conditions: [],
  });
  const links = (chain, depth, hidden) => {
    for (const link of chain) {
      add(depth, `${visible(link.name)}=${visible(link.value)}`, [oneLine(link.because.text)], placeOf(link.because), link.again);
      links(link.chain, depth + 1, link.hidden);
    }
    if (hidden) add(depth, "", [`+ ${counted(hidden, "more")} (--depth shows more)`], "", false);
  };
  add(0, `${visible(each.name)}=${visible(each.value)}`, [visible(each.type), oneLine(each.because.text)], placeOf(each.because), false);
  links(each.chain, 1, each.hidden);
  for (const statement of each.reasons) {
    const remarks = [{ effects: [statement.decides ? "decides" : statement.state] }];
    if (statement.blocked) remarks.push(oneLine(statement.blocked));
    add(1, oneLine(statement.valued || statement.text), remarks, placeOf(statement), false);
    links(statement.chain, 2, statement.hidden);
  }
  for (const left of each.left_out) add(1, "", [`+ ${left.count} '${left.kind}' that does not apply (--all lists them)`], "", false);
  return treeOf(told, `Why ${visible(each.name)} is ${visible(each.value)}`, null);
}

function wishPart(wish, configs) {
  const title = `${visible(wish.name)}=${visible(wish.value)} in ${visible(configs[wish.config].name)}: ${wish.verdict}`;
  return section(title, true, (body) => {
    if (wish.fragment.length) {
      const lines = wish.fragment.map(visible);
      body.append(make("p", "", {}, "Merge this and complete it ('make olddefconfig'):", " ", copyButton(() => wish.fragment.join("\n") + "\n")),
        make("pre", "fragment", { tabindex: "0" }, lines.join("\n")));
    }
    if (wish.reasons.length) body.append(make("ul", "plain", {}, ...wish.reasons.map((step) =>
      make("li", "", {}, oneLine(step.text), step.follows.length ? ` ⇒ ${step.follows.map(visible).join(", ")}` : "", " ", span("place mono", placeOf(step))))));
    if (wish.probes) body.append(make("p", "dim", {}, oneLine(wish.probes)));
  });
}

function explainPage(answer) {
  const frame = new Frame(answer.configs, {
    title: [...new Set(answer.symbols.map((each) => visible(each.name)))].join(", "),
    about: `${kernelText(answer)}, ${configsText(answer.configs)}`,
    trees: true,
    panel: null,
    fill(main) {
      for (const each of answer.symbols) {
        const mask = maskOf(each.mask);
        const heading = make("span", "heading", {}, make("strong", "mono", {}, `${visible(each.name)}=${visible(each.value)}`));
        if (answer.configs.length > 1) heading.append(make("span", "members", {}, memberNames(answer.configs, mask)));
        if (each.changed) heading.append(" ", span("remark", `recorded: ${each.recorded === null ? "no line" : visible(each.recorded)}; the tree gives ${visible(each.value)}`));
        if (each.unmet) heading.append(" ", span("remark", "selected although its dependencies do not hold"));
        const part = section(heading, true, (body) => body.append(explainTree(each)));
        part.classList.add("class");
        main.append(part);
      }
      answer.wishes.forEach((wish) => main.append(wishPart(wish, answer.configs)));
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  frame.show();
}
