"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Theme: the system's until the reader chooses; storage may be closed to files on disk.
  const button = document.getElementById("theme");
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
  const remember = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* closed */ } };
  const recall = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const showTheme = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} theme`);
    button.setAttribute("aria-pressed", String(isDark()));
  };
  const remembered = recall();
  if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    showTheme();
  });
  systemDark.addEventListener("change", showTheme);
  showTheme();

  // Sorting: by the key of the cells, numbers as numbers, empty cells last.
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const numbers = [Number(a), Number(b)];
    return numbers.some(Number.isNaN) ? a.localeCompare(b) : numbers[0] - numbers[1];
  };
  const sortBy = (table, column, direction) => {
    const body = table.tBodies[0];
    const key = (row) => row.cells[column].dataset.key ?? "";
    const rows = [...body.rows].sort((x, y) => {
      const order = compare(key(x), key(y));
      return key(x) === "" || key(y) === "" ? order : order * direction;
    });
    body.append(...rows);
  };
  for (const table of all("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      head.firstElementChild.addEventListener("click", () => {
        if (table.tBodies[0].rows[0].classList.contains("none")) return;
        const ascending = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        sortBy(table, column, ascending ? 1 : -1);
      });
    });
  }

  // Filter: every word typed must occur in the row.
  for (const input of all(".filter input")) {
    const box = input.closest(".table");
    const rows = [...box.querySelector("tbody").rows];
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      const left = rows.filter((row) => !row.hidden).length;
      box.querySelector(".count").textContent = words.length ? `${left} of ${rows.length} rows` : "";
    });
  }

  // Pictures: open in a dialog, arrow keys go on.
  const viewer = document.getElementById("viewer");
  const thumbs = all("button.thumb");
  let shown = -1;
  const show = (index) => {
    if (index < 0 || index >= thumbs.length) return;
    shown = index;
    const small = thumbs[index].firstElementChild;
    const large = viewer.querySelector("img");
    large.src = small.src;
    large.alt = small.alt;
    viewer.querySelector("figcaption").textContent = small.alt;
  };
  thumbs.forEach((thumb, index) => thumb.addEventListener("click", () => { show(index); viewer.showModal(); }));
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") show(shown + 1);
    if (event.key === "ArrowLeft") show(shown - 1);
  });
  viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
  viewer.addEventListener("close", () => thumbs[shown]?.focus());

  // Deep links open what they point at; print shows what is folded.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    target?.querySelector("details")?.setAttribute("open", "");
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  addEventListener("beforeprint", () => all("details").forEach((part) => part.setAttribute("open", "")));
})();
