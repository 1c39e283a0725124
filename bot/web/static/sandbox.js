// The sandbox page: who speaks, the clock, tabs, dialogs, toasts. Everything that outlives a swap lives here.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const { chat, birth } = document.body.dataset;
  const isPrivate = chat.startsWith("p:");
  const memory = (key) => `shequn.${birth}.${key}`;
  const recall = (store, key) => { try { return store.getItem(key); } catch { return null; } };
  const keep = (store, key, value) => { try { store.setItem(key, value); } catch { /* private mode: forget */ } };

  // who speaks -------------------------------------------------------------------------------------------------
  const seats = () => [...document.querySelectorAll("#roster [data-pick]")];
  const me = () => $("who").value;

  function markOwn(root) {
    const who = me();
    for (const post of root.querySelectorAll("li.post")) post.classList.toggle("own", who !== "" && post.dataset.sender === who);
  }

  function showMe() {
    const who = me();
    let seat = null;
    for (const each of seats()) {
      const mine = each.dataset.pick === who;
      each.setAttribute("aria-pressed", mine);
      if (mine) seat = each;
    }
    const absent = !seat && who !== "";
    const name = seat ? seat.dataset.name : recall(sessionStorage, memory("name")) || who;
    if (seat) keep(sessionStorage, memory("name"), name);
    $("me-name").textContent = name || "选一个人";
    $("me-avatar").className = `avatar ${seat ? seat.dataset.colour : "nobody"}`;
    $("me-avatar").textContent = seat ? seat.dataset.initial : "?";
    $("text").placeholder = absent ? `${name} 已经不在群里了，换个人说话` : `以 ${name || "…"} 的身份说点什么…`;
    $("absent").hidden = !absent;
    $("absent").textContent = absent ? `“${name}”已经不在群里，发不了消息。从成员里换一个人，或把 TA 邀请回来。` : "";
    const link = document.querySelector("[data-private]");
    if (link && who) link.href = `/?chat=${encodeURIComponent(`p:${who}`)}`;
  }

  function become(who) {
    if (isPrivate && chat !== `p:${who}`) {
      location.href = `/?chat=${encodeURIComponent(`p:${who}`)}`;
      return;
    }
    $("who").value = who;
    keep(localStorage, memory(`who.${chat}`), who);
    markOwn(document);
    showMe();
  }

  function firstMe() {
    if (isPrivate) return chat.slice(2);
    const kept = recall(localStorage, memory(`who.${chat}`));
    if (kept) return kept;
    const ordinary = seats().find((seat) => seat.dataset.admin === "0");
    return (ordinary || seats()[0] || { dataset: { pick: "" } }).dataset.pick;
  }

  // the clock: the server says what time it is, the page lets it run --------------------------------------------
  let base = 0;
  function readClock() {
    const now = $("now");
    if (now) base = Number(now.dataset.ms) - performance.now();
    tick();
  }
  function tick() {
    const now = $("now");
    if (!now) return;
    const at = new Date(base + performance.now());
    const zone = { timeZone: now.dataset.zone, hour12: false };
    const day = at.toLocaleDateString("zh-CN", { ...zone, month: "long", day: "numeric", weekday: "short" });
    const time = at.toLocaleTimeString("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const text = `<span>${day}</span> <b>${time.replace(/^24/, "00")}</b>`;
    if (now.dataset.shown !== text) { now.dataset.shown = text; now.innerHTML = text; }
  }

  // reading along ---------------------------------------------------------------------------------------------
  const scroll = $("scroll");
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  let following = true;
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; $("newer").hidden = true; };
  scroll.addEventListener("scroll", () => { following = atEnd(); if (following) $("newer").hidden = true; }, { passive: true });
  new ResizeObserver(() => following && toEnd()).observe(scroll);
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.nodeType === 1);
    if (!added.length) return;
    markOwn($("posts"));
    if (following || added.some((node) => node.classList.contains("own"))) toEnd(); else $("newer").hidden = false;
  }).observe($("posts"), { childList: true });
  $("posts").addEventListener("load", () => following && toEnd(), true);
  $("newer").addEventListener("click", toEnd);

  // The roster is drawn anew whenever somebody comes, goes or earns a point; what was open in it stays open.
  let opened = [];
  function openInRoster() {
    return [...document.querySelectorAll("#roster details[open]")].map((each) => each.closest("[data-person]")?.dataset.person ?? "");
  }
  function openAgain(persons) {
    for (const each of document.querySelectorAll("#roster details")) {
      each.open = persons.includes(each.closest("[data-person]")?.dataset.person ?? "");
    }
  }

  // A post that is here already comes again after a broken connection.
  document.body.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (event.detail.type === "renew") { location.reload(); return; }
    const id = /^<li id="(m\d+)"/.exec(event.detail.data || "");
    if (event.target.id === "posts" && id && $(id[1]) && !event.detail.data.includes("hx-swap-oob")) event.preventDefault();
    if (event.target.id === "roster") opened = openInRoster();
  });
  document.body.addEventListener("htmx:sseMessage", (event) => {
    if (event.target.id === "roster") { showMe(); openAgain(opened); }
    if (event.target.id === "chats") showMe();
    if (event.target.id === "clock") readClock();
    if (event.target.id === "switches") showRunning();
  });

  function showRunning() {
    const running = document.querySelector("[data-running]")?.dataset.running || "";
    for (const scene of document.querySelectorAll("[data-scene]")) {
      scene.classList.toggle("now", scene.dataset.scene === running);
      scene.disabled = isPrivate || running !== "";
    }
    for (const jump of document.querySelectorAll("[data-jump]")) jump.disabled = running !== "";
  }

  // tabs, dialogs, toasts ----------------------------------------------------------------------------------------
  function show(tab) {
    document.body.dataset.tab = tab;
    for (const each of document.querySelectorAll(".tabs [data-tab]")) {
      if (each.dataset.tab === tab) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
    }
    if (tab === "chat") toEnd();
  }

  function select(tab) {
    for (const each of document.querySelectorAll("[role=tab]")) {
      const mine = each === tab;
      each.setAttribute("aria-selected", mine);
      $(each.getAttribute("aria-controls")).hidden = !mine;
    }
  }

  function open(button) {
    const dialog = $(`dialog-${button.dataset.dialog}`);
    for (const field of dialog.querySelectorAll("[data-from]")) field.value = button.dataset[field.dataset.from] || "";
    dialog.showModal();
    const field = dialog.querySelector("input:not([type=hidden]):not([type=radio])");
    if (field) { field.focus(); field.select(); }
  }

  function toast(text, bad) {
    const note = document.createElement("p");
    note.textContent = text;
    note.classList.toggle("bad", Boolean(bad));
    $("toasts").append(note);
    setTimeout(() => note.remove(), 2500 + text.length * 90);
  }
  document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.bad));
  document.body.addEventListener("htmx:sendError", () => toast("连不上服务了，正在重试", true));
  document.body.addEventListener("htmx:responseError", (event) => toast(event.detail.xhr.responseText.slice(0, 80) || "没有成功", true));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const from = event.detail.elt;
    const done = event.detail.successful && event.detail.xhr.getResponseHeader("X-Refused") !== "1";
    if (from.dataset?.why && done) { $("title-why").textContent = `${from.dataset.why} 为什么`; $("dialog-why").showModal(); }
    if (from.hasAttribute?.("data-closes") && done) from.closest("dialog").close();
    if (from.dataset?.scene && done) { show("chat"); step("scene"); }
    if (from.hasAttribute?.("data-jump") && done) step("jump");
    if (from.id === "picture-form") from.reset();
  });

  // the first visit ------------------------------------------------------------------------------------------------
  const steps = new Set(JSON.parse(recall(localStorage, "shequn.first") || "[]"));
  function step(name) { steps.add(name); keep(localStorage, "shequn.first", JSON.stringify([...steps])); showSteps(); }
  function showSteps() {
    $("first").hidden = steps.has("dismiss");
    for (const each of document.querySelectorAll("#first [data-step]")) each.classList.toggle("done", steps.has(each.dataset.step));
  }

  const ops = {
    people: () => { show("people"); document.querySelector("#roster [aria-pressed=true]")?.focus(); },
    close: (button) => button.closest("dialog").close(),
    dismiss: () => step("dismiss"),
    picture: () => $("picture").click(),
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
    const button = event.target.closest("button, [role=tab]");
    if (!button) {
      const post = event.target.closest(".post");
      for (const each of document.querySelectorAll(".post.show")) if (each !== post) each.classList.remove("show");
      if (post && !event.target.closest("a") && post.classList.toggle("show")) post.scrollIntoView({ block: "nearest" });
      return;
    }
    if (button.dataset.pick) { become(button.dataset.pick); step("who"); if (document.body.dataset.tab === "people") show("chat"); }
    if (button.closest(".tabs")) show(button.dataset.tab);
    if (button.getAttribute("role") === "tab") select(button);
    if (button.dataset.dialog) open(button);
    ops[button.dataset.op]?.(button);
    button.closest(".post")?.classList.remove("show");
  });

  window.sandbox = { show, toast, seats, me };
  $("who").value = firstMe();
  markOwn(document);
  showMe();
  readClock();
  showRunning();
  showSteps();
  toEnd();
  setInterval(tick, 500);
})();
