// The page of `kimpact configs`: which symbols differ, with the configurations that agree on
// all of them in one column.

const MAX_COLUMNS = 12; // groups that have a column each; of more, each symbol counts its values
const MAX_ROWS = 500; // symbols that are shown at first

function configsPage(answer) {
  const groups = answer.groups.map((each) => maskOf(each.mask));
  const wide = groups.length <= MAX_COLUMNS;
  let most = MAX_ROWS;
  let part = "";
  const valueAt = (symbol, group) => {
    const found = symbol.values.find((each) => (maskOf(each.mask) & group) !== 0n);
    return found === undefined ? UNSET : found.value;
  };
  const cellsOf = (symbol) => {
    const name = make("span", "mono name", {}, visible(symbol.name));
    const more = symbol.dependents ? span("dim", ` ${counted(symbol.dependents, "dependent")}`) : null;
    const values = wide
      ? groups.map((group) => {
        const value = valueAt(symbol, group);
        return span(`mono value v-${value === UNSET ? "n" : "set"}`, visible(value));
      })
      : [span("mono", symbol.values.map((each) => `${visible(each.value)} in ${sizeOf(maskOf(each.mask))}`).join(", "))];
    return [make("span", "", {}, name, more), ...values];
  };
  const frame = new Frame(answer.configs, {
    title: counted(answer.configs.length, "configuration"),
    about: [`${counted(answer.symbols.length, "symbol")} ${answer.function === null ? "differ" : `for ${visible(answer.function)}`}`, kernelText(answer)].filter(Boolean).join(", "),
    panel: null,
    fill(main) {
      const filter = make("input", "", { type: "search", placeholder: "Only symbols with", "aria-label": "Only symbols with" });
      const place = make("div", "", {});
      const show = () => {
        const found = answer.symbols.filter((each) => each.name.toLowerCase().includes(part));
        const titles = wide ? groups.map((group) => memberNames(answer.configs, group, 3)) : ["values"];
        place.replaceChildren(table("compared", ["symbol", ...titles], found.slice(0, most).map(cellsOf)));
        if (found.length > most) {
          place.append(button("small", `${found.length - most} more`, "Show more symbols", () => {
            most *= 4;
            show();
          }));
        }
      };
      filter.value = part;
      filter.addEventListener("input", () => {
        part = filter.value.trim().toLowerCase();
        show();
      });
      main.append(make("p", "filters", {}, filter), place);
      show();
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  frame.show();
}
