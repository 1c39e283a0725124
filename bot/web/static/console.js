// The console works without scripts; this spares a click where it can and asks before what is hard to undo.
document.addEventListener("change", event => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("submit", event => {
  const sure = event.submitter?.dataset.sure ?? event.target.dataset.sure;
  if (!sure) return;
  if (!confirm(sure)) return event.preventDefault();
  const said = Object.assign(document.createElement("input"), { type: "hidden", name: "sure", value: "1" });
  event.target.append(said);
});
