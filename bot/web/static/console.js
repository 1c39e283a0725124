// The console works without scripts; this spares a click where it can and asks before what is hard to undo.
document.addEventListener("change", event => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("submit", event => {
  const sure = event.submitter?.dataset.sure ?? event.target.dataset.sure;
  if (sure && !confirm(sure)) event.preventDefault();
});
