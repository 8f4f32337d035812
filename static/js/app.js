// Comforts only: every page works without this file.
"use strict";

// A running job: fetch this same page, put the new element in the old one's place, reload once when it is done.
async function poll(element) {
  const seconds = Number(element.dataset.poll) || 2;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  if (document.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
  let page;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.status >= 500) return poll(element);
    page = await answer.text();
  } catch {
    return poll(element); // No signal just now: ask again.
  }
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById(element.id);
  if (!fresh?.dataset.poll) return location.reload();
  const hadFocus = element.contains(document.activeElement);
  element.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("a")?.focus();
  return poll(fresh);
}

// A question before a step that matters: data-confirm on the form or on the pressed button.
function askFirst(event) {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm || form.dataset.confirm;
  const dialog = document.getElementById("confirm-dialog");
  if (!question || !dialog || form.dataset.isConfirmed) return;
  event.preventDefault();
  document.getElementById("confirm-question").textContent = question;
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.isConfirmed = "yes";
    form.requestSubmit(button);
    delete form.dataset.isConfirmed;
  }, { once: true });
  dialog.showModal();
}

function focusField(event) {
  const target = document.getElementById(decodeURIComponent(event.currentTarget.hash.slice(1)));
  const control = target?.matches("input, select, textarea") ? target : target?.querySelector("input, select, textarea");
  if (!control) return;
  event.preventDefault();
  (control.closest(".field") || control).scrollIntoView({ block: "start" });
  control.focus({ preventScroll: true });
}

document.querySelectorAll("[data-poll]").forEach(poll);
document.addEventListener("submit", askFirst);
document.querySelector("[data-focus]")?.focus();
document.querySelectorAll(".error-summary a").forEach((link) => link.addEventListener("click", focusField));

if (matchMedia("(max-width: 48rem)").matches) {
  document.querySelectorAll("[data-fold-on-phone]").forEach((box) => { box.open = false; });
}

// A menu closes when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Fields that apply themselves, where a page says so.
document.querySelectorAll("select[data-submit]").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));
