// What every page has: head line, search, theme, keys, help; a command's own page fills the
// middle.

const THEMES = ["auto", "light", "dark"];

const KEYS = [
  ["/", "search; Enter and Shift+Enter go to the next match and the one before"],
  ["↑ ↓ ← →", "walk the tree, open and close; Home and End"],
  ["Enter", "show the conditions of a call, or go to what 'see above' means"],
  ["c", "show or hide all conditions"],
  ["e  w", "open everything, close everything"],
  ["t", "light, dark or as the system has it"],
  ["?", "this list"],
];

class Frame {
  // `view` has `title`, `about` (text behind it) and may have `panel`; `fill(main, state)` puts
  // the middle together.
  constructor(configs, view) {
    this.configs = configs;
    this.view = view;
    this.state = stateOfAddress(configs);
    this.main = make("main", "", { id: "main", tabindex: "-1" });
    this.search = new Search(this.main);
    this.help = this.helpDialog();
    this.theme = button("small", "", "Light or dark (t)", () => this.nextTheme());
    document.body.append(
      make("a", "skip", { href: "#" }, "Skip to the answer"),
      this.header(),
      make("div", view.panel ? "columns" : "columns alone", {}, view.panel ? view.panel.element : null, this.main),
      this.help);
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.main.focus();
    });
    this.listen();
    this.showTheme();
    this.showConditions();
    this.search.input.value = this.state.query;
  }

  header() {
    const conditions = button("small", "conditions", "Show or hide all conditions (c)", () => this.toggleConditions());
    this.conditions = conditions;
    const trees = this.view.trees ? [
      conditions,
      button("small", "open all", "Open everything (e)", () => this.expandAll(true)),
      button("small", "close all", "Close everything (w)", () => this.expandAll(false)),
    ] : [];
    return make("header", "", {},
      make("h1", "", {}, make("span", "subject", {}, this.view.title), " ", make("span", "about", {}, this.view.about)),
      make("div", "tools", { role: "toolbar", "aria-label": "Tools" }, this.search.input, this.search.status, ...trees,
        this.theme, button("small", "?", "Keys", () => this.help.showModal())));
  }

  helpDialog() {
    const rows = KEYS.map(([key, text]) => make("tr", "", {}, make("td", "", {}, make("kbd", "", {}, key)), make("td", "", {}, text)));
    const dialog = make("dialog", "", { "aria-label": "Keys" }, make("table", "", {}, make("tbody", "", {}, ...rows)));
    dialog.append(button("small", "close", "Close", () => dialog.close()));
    return dialog;
  }

  // Put the middle together for the present state.
  show() {
    this.main.replaceChildren();
    this.view.fill(this.main, this.state);
    if (this.view.panel) {
      this.view.panel.show();
      this.state.chosen = this.view.panel.choice.chosen;
    }
    const rows = [...this.main.querySelectorAll(".row")];
    const current = rows.find((row) => row.dataset.node === this.state.at) || rows[0];
    if (current) select(current, false);
    this.search.find(this.state.query);
    this.keep();
  }

  keep() {
    keepAddress(this.state, this.configs);
  }

  listen() {
    listenToTrees(this.main, (row) => {
      this.state.at = row ? row.dataset.node || null : null;
      this.keep();
    });
    this.search.input.addEventListener("input", () => {
      this.state.query = this.search.input.value;
      this.search.find(this.state.query);
      this.keep();
    });
    this.search.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.search.go(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") this.main.focus();
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("beforeprint", () => this.openParts());
    addEventListener("hashchange", () => {
      this.state = stateOfAddress(this.configs);
      if (this.view.panel) this.view.panel.choice.take(this.state.chosen);
      this.search.input.value = this.state.query;
      this.showTheme();
      this.showConditions();
      this.show();
    });
  }

  key(event) {
    const typing = event.target.matches("input[type=search], select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    const actions = {
      "/": () => this.search.input.select(),
      c: () => this.toggleConditions(),
      e: () => this.expandAll(true),
      w: () => this.expandAll(false),
      t: () => this.nextTheme(),
      n: () => this.search.go(1),
      N: () => this.search.go(-1),
      "?": () => this.help.showModal(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
    if (event.key === "/") this.search.input.focus();
  }

  toggleConditions() {
    this.state.conditions = !this.state.conditions;
    this.showConditions();
    this.keep();
  }

  showConditions() {
    document.body.classList.toggle("conditions", this.state.conditions);
    this.conditions.setAttribute("aria-pressed", String(this.state.conditions));
  }

  expandAll(open) {
    if (open) this.openParts();
    for (const row of this.main.querySelectorAll(".row[aria-expanded]")) {
      row.setAttribute("aria-expanded", String(open));
    }
    for (const row of this.main.querySelectorAll(".row")) row.hidden = !open && depthOf(row) > 1;
    for (const stop of this.main.querySelectorAll(".row[tabindex='0']")) {
      if (stop.hidden) select(stop.parentElement.firstElementChild, false);
    }
  }

  openParts() {
    ensureAll(this.main);
    this.main.querySelectorAll("details").forEach((part) => { part.open = true; });
  }

  nextTheme() {
    this.state.theme = THEMES[(THEMES.indexOf(this.state.theme) + 1) % THEMES.length];
    this.showTheme();
    this.keep();
  }

  showTheme() {
    if (!THEMES.includes(this.state.theme)) this.state.theme = "auto";
    document.documentElement.dataset.theme = this.state.theme;
    this.theme.textContent = this.state.theme;
  }
}
