// The composer: Enter sends, ↑ brings back the last line, @ offers names, a message can be quoted.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const text = $("text");
  const menu = $("at-menu");
  const sent = [];
  let back = 0;

  function fit() { text.style.height = "auto"; text.style.height = `${Math.min(text.scrollHeight, 132)}px`; }

  function put(value) { text.value = value; fit(); text.focus(); text.setSelectionRange(value.length, value.length); }

  function unquote() { $("quote").value = ""; $("quoted").hidden = true; }

  // @ ---------------------------------------------------------------------------------------------------------------
  const begun = () => /[@＠]([^\s@＠]*)$/.exec(text.value.slice(0, text.selectionStart));

  function offer() {
    const start = begun();
    const names = start ? [...window.sandbox.seats().map((seat) => seat.dataset.name), "群管家"].filter((name) => name.includes(start[1])) : [];
    menu.replaceChildren(...names.slice(0, 8).map((name, index) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", index === 0);
      item.textContent = name;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(name); });
      return item;
    }));
    menu.hidden = names.length === 0;
  }

  function choose(name) {
    const end = text.selectionStart;
    const start = begun();
    if (!start) return;
    const head = text.value.slice(0, end - start[0].length) + `@${name} `;
    text.value = head + text.value.slice(end);
    text.setSelectionRange(head.length, head.length);
    menu.hidden = true;
    fit();
    text.focus();
  }

  function move(by) {
    const items = [...menu.children];
    const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    items.forEach((item, index) => item.setAttribute("aria-selected", index === (now + by + items.length) % items.length));
  }

  // keys ------------------------------------------------------------------------------------------------------------
  text.addEventListener("input", () => { fit(); offer(); back = 0; });
  text.addEventListener("blur", () => { menu.hidden = true; });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (!menu.hidden) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); return; }
      if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); choose(menu.querySelector("[aria-selected=true]").textContent); return; }
      if (event.key === "Escape") { menu.hidden = true; return; }
    }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); if (text.value.trim()) $("composer").requestSubmit($("send")); }
    const older = event.key === "ArrowUp" && (text.value === "" || back > 0);
    const newer = event.key === "ArrowDown" && back > 0;
    if (older || newer) {
      event.preventDefault();
      const wanted = Math.min(Math.max(back + (older ? 1 : -1), 0), sent.length);
      put(wanted ? sent[sent.length - wanted] : "");
      back = wanted;
    }
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "composer" || !event.detail.successful) return;
    if (event.detail.xhr.getResponseHeader("X-Refused") === "1") return;
    if (sent.at(-1) !== text.value) sent.push(text.value);
    back = 0;
    unquote();
    put("");
  });

  const ops = {
    at: () => { text.focus(); text.setRangeText("@", text.selectionStart, text.selectionEnd, "end"); fit(); offer(); },
    fill: (button) => put(button.dataset.text),
    mention: (button) => { window.sandbox.show("chat"); put(`${text.value}@${button.dataset.name} `); },
    unquote,
    quote: (button) => {
      $("quote").value = button.dataset.post;
      $("quoted-text").textContent = button.dataset.text;
      $("quoted").hidden = false;
      text.focus();
    },
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-op]");
    if (button) ops[button.dataset.op]?.(button);
  });
})();
