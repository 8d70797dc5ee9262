// The panel with what the reader can choose: platform, symbols, configuration; and what follows
// from it: how many configurations are left, a witness and its fragment.

const MAX_BUTTONS = 5; // values that have a button each; more are a list

// The panel. `changed(dropped)` is called after a choice; `effects(platform)` says what becomes
// of the object there (null: on any).
class Panel {
  constructor(choice, changed, effects) {
    this.choice = choice;
    this.changed = changed;
    this.effects = effects;
    this.element = make("aside", "panel", { "aria-label": "Configurations and platforms" });
    this.note = make("p", "note", { role: "status" });
  }

  choose(what, value) {
    const dropped = this.choice.set(what, value);
    this.changed();
    this.note.textContent = dropped.length
      ? `No longer chosen, for no configuration has it together with this: ${dropped.map(visible).join(", ")}`
      : "";
  }

  // Show the present choice.
  show() {
    const focused = document.activeElement ? document.activeElement.id : "";
    const parts = [this.summary(), this.note];
    const platforms = this.platforms();
    if (platforms) parts.push(platforms);
    if (this.choice.switches.length) parts.push(this.symbols());
    if (this.choice.configs.length > 1) parts.push(this.configuration());
    parts.push(this.witness());
    const scrolled = this.element.scrollTop;
    this.element.replaceChildren(...parts);
    this.element.scrollTop = scrolled;
    if (focused) {
      const again = document.getElementById(focused);
      if (again && this.element.contains(again)) again.focus();
    }
  }

  summary() {
    const total = this.choice.configs.length;
    const count = sizeOf(this.choice.mask());
    const text = total === 1 ? "1 configuration" : `${count} of ${total} configurations`;
    const line = make("p", "count", {}, make("strong", "", {}, text));
    if (this.choice.chosen.length) {
      const clear = button("small", "clear", "Choose nothing", () => {
        this.choice.clear();
        this.note.textContent = "";
        this.changed();
      });
      clear.id = "clear";
      line.append(clear);
    }
    return line;
  }

  platforms() {
    const names = this.choice.platforms;
    if (!names.length) {
      const effects = this.effects(null);
      if (!effects.length) return null;
      return make("div", "group", {}, make("h3", "", {}, "What becomes of the object"), effectsList(effects));
    }
    const rows = [[null, "all platforms"], ...names.map((name) => [name, visible(name)])];
    const items = rows.map(([name, text], number) => {
      const mask = name === null ? 1n : this.choice.mask("platform") & this.choice.allowed("platform", name);
      const id = `platform-${number}`;
      const input = make("input", "", { type: "radio", name: "platform", id, value: name === null ? "" : name });
      input.checked = this.choice.get("platform") === name;
      input.addEventListener("change", () => this.choose("platform", name));
      const label = make("label", mask === 0n ? "none" : "", { for: id }, text);
      const effects = effectsList(mask === 0n || name === null ? [] : this.effects(name));
      return make("div", "platform", {}, input, label, effects);
    });
    const legend = make("legend", "", {}, "Platform");
    return make("fieldset", "group", {}, legend, ...items);
  }

  symbols() {
    const rows = this.choice.switches.map((each, number) => this.symbol(each, number));
    return make("fieldset", "group symbols", {}, make("legend", "", {}, "Symbols"), ...rows);
  }

  symbol(each, number) {
    const what = `CONFIG_${each.name}`;
    const others = this.choice.mask(what);
    const values = [...each.masks].map(([value, mask]) => ({
      value, count: sizeOf(mask & others), implied: (this.choice.mask() & ~mask) === 0n,
    }));
    values.sort((one, other) => orderOf(one.value) - orderOf(other.value));
    const chosen = this.choice.get(what);
    const id = `symbol-${number}`;
    const name = make("span", "symbol", { id }, ...breakable(visible(each.name)));
    if (values.length > MAX_BUTTONS) {
      const list = make("select", "", { "aria-labelledby": id, id: `${id}-list` }, option("", "any", chosen === null),
        ...values.map((one) => option(one.value, `${visible(one.value)} (${one.count})`, one.value === chosen)));
      list.addEventListener("change", () => this.choose(what, list.value === "" ? null : list.value));
      return make("div", "choice", {}, name, list);
    }
    const buttons = [{ value: null, count: sizeOf(others), implied: false }, ...values].map((one, index) => {
      const input = make("input", "", { type: "radio", name: id, id: `${id}-${index}` });
      input.checked = one.value === chosen;
      input.addEventListener("change", () => this.choose(what, one.value));
      const marks = [one.implied ? "implied" : "", one.count ? "" : "none"].filter(Boolean).join(" ");
      const label = make("label", marks, {
        for: `${id}-${index}`, title: counted(one.count, "configuration"),
      }, one.value === null ? "any" : visible(one.value));
      label.dataset.value = one.value === null ? "any" : one.value;
      return [input, label];
    });
    return make("div", "choice", { role: "radiogroup", "aria-labelledby": id }, name,
      make("span", "buttons", {}, ...buttons.flat()));
  }

  // The list is made once: there may be thousands of configurations.
  configuration() {
    if (this.list === undefined) {
      this.list = make("select", "", { id: "config" }, option("", "any", true),
        ...this.choice.configs.map((each, index) => option(index, visible(each.name), false)));
      this.list.addEventListener("change", () => this.choose("config", this.list.value === "" ? null : Number(this.list.value)));
      const title = make("h3", "", {}, make("label", "", { for: "config" }, "Configuration"));
      this.configurations = make("div", "group", {}, title, this.list);
    }
    const chosen = this.choice.get("config");
    this.list.value = chosen === null ? "" : String(chosen);
    const bits = this.choice.mask("config").toString(2).padStart(this.choice.configs.length, "0");
    const last = bits.length - 1;
    this.choice.configs.forEach((_, index) => {
      const there = bits[last - index] === "1";
      const item = this.list.options[index + 1];
      if (item.classList.contains("none") === there) item.classList.toggle("none", !there);
    });
    return this.configurations;
  }

  witness() {
    const index = firstOf(this.choice.mask());
    if (index < 0) return make("div", "group", {});
    const config = this.choice.configs[index];
    const lines = fragmentOf(this.choice.columns, index);
    const title = make("h3", "", {}, "Witness");
    const name = make("p", "witness", { title: visible(config.file) }, visible(config.name));
    if (!lines.length) return make("div", "group", {}, title, name);
    title.append(copyButton(() => lines.join("\n") + "\n"));
    return make("div", "group", {}, title, name, make("pre", "fragment", { tabindex: "0" }, lines.join("\n")));
  }
}

function effectsList(effects) {
  return make("span", "effects", {}, ...effects.map((each) => span("effect", visible(each))));
}

// A name that a narrow column may break after its underscores.
function breakable(name) {
  return name.split(/(?<=_)/).flatMap((part) => [part, document.createElement("wbr")]);
}

function option(value, text, selected) {
  const element = make("option", "", { value }, text);
  element.selected = selected;
  return element;
}

function orderOf(value) {
  const place = ["y", "m", "n"].indexOf(value);
  return place < 0 ? 3 : place;
}
