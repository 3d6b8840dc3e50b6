"use strict";
(() => {
  const root = document.documentElement;
  const main = document.getElementById("main");
  const items = [...document.querySelectorAll(".suspects li")];
  const status = document.getElementById("status");
  const by = document.getElementById("by");
  const store = `review ${main.dataset.review}`;

  // Storage may be closed to files on disk; then answers live as long as the page.
  const recall = () => { try { return JSON.parse(localStorage.getItem(store)) ?? {}; } catch { return {}; } };
  const remember = () => { try { localStorage.setItem(store, JSON.stringify(answers)); } catch { /* closed */ } };
  const answers = recall();
  const key = (item) => JSON.stringify([item.dataset.path, item.dataset.axis]);
  const changes = () => items.filter((item) => answers[key(item)]?.answer === "change");
  let at = items.findIndex((item) => !answers[key(item)]);
  if (at < 0) at = items.length;

  const theme = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const showTheme = () => { theme.textContent = dark() ? "Light" : "Dark"; theme.setAttribute("aria-pressed", String(dark())); };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; showTheme(); });
  showTheme();

  const show = () => {
    items.forEach((item, index) => { item.hidden = index !== at; });
    document.getElementById("end").hidden = at < items.length;
    document.getElementById("position").textContent = String(Math.min(at + 1, items.length));
    document.getElementById("changed").textContent = String(changes().length);
    const item = items[at];
    if (!item) return;
    const given = answers[key(item)];
    if (given?.new) item.querySelector(".new").value = given.new;
    for (const button of item.querySelectorAll("[data-answer]")) {
      button.setAttribute("aria-pressed", String(button.dataset.answer === given?.answer));
    }
  };

  const wrongAge = (item, value) => item.dataset.axis === "age" && !(/^\d{1,3}(\.\d+)?$/.test(value) && Number(value) <= 130);
  const answer = (word) => {
    const item = items[at];
    if (!item) return;
    const value = item.querySelector(".new").value.trim();
    if (word === "change" && wrongAge(item, value)) { status.textContent = "Write the age in years, 0 to 130."; return; }
    status.textContent = "";
    answers[key(item)] = word === "change" ? { answer: word, new: value } : { answer: word };
    remember();
    at += 1;
    show();
  };
  const back = () => { if (at > 0) { at -= 1; show(); } };

  const cell = (text) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const save = () => {
    const who = by.value.trim();
    if (!who) { status.textContent = "Write your name first: a fix says who made it."; by.focus(); return; }
    const seen = new Set();
    const rows = [["path", "axis", "old", "new", "by"]];
    for (const item of changes()) {
      if (seen.has(key(item))) continue;
      seen.add(key(item));
      rows.push([item.dataset.path, item.dataset.axis, item.dataset.old, answers[key(item)].new, who]);
    }
    if (rows.length === 1) { status.textContent = "Nothing was changed yet."; return; }
    const text = rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = "FIXES.csv";
    link.click();
    URL.revokeObjectURL(link.href);
    status.textContent = `${rows.length - 1} fixes saved.`;
  };

  for (const button of document.querySelectorAll("[data-answer]")) button.addEventListener("click", () => answer(button.dataset.answer));
  document.getElementById("save").addEventListener("click", save);
  const keys = { k: () => answer("keep"), c: () => answer("change"), s: () => answer("skip"), u: back };
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
  show();
})();
