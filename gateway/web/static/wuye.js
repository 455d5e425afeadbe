/* Small comforts. Every page works without this file. */
"use strict";

// A person's browser shows the page: the letter that brought them was opened.
const opened = document.querySelector("[data-opened]");
if (opened) fetch(opened.dataset.opened, { method: "POST", keepalive: true });

// On a phone the menu is one line: where one is comes into view.
const here = document.querySelector(".side [aria-current]");
if (here) {
  const side = here.closest(".side");
  side.scrollLeft = here.offsetLeft - (side.clientWidth - here.offsetWidth) / 2;
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// One click is enough; the server knows a double click anyway.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", ({ submitter }) => {
    if (!submitter?.dataset.busy) return;
    setTimeout(() => { submitter.disabled = true; submitter.textContent = submitter.dataset.busy; });
  });
}

// The amount follows the chosen bills until somebody types one.
const amount = document.querySelector("[data-amount]");
if (amount) {
  const boxes = [...document.querySelectorAll("[data-owed-fen]")];
  const total = document.querySelector("[data-chosen]");
  const yuan = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  const shown = (fen) => "¥" + yuan(fen).replace(/\B(?=(\d{3})+\.)/g, ",");
  const chosen = () => boxes.filter((box) => box.checked)
    .reduce((sum, box) => sum + Number(box.dataset.owedFen), 0);
  let followed = amount.value;
  const follow = () => {
    if (amount.value === followed) amount.value = followed = yuan(chosen());
    total.textContent = shown(chosen());
  };
  for (const box of boxes) box.addEventListener("change", follow);
}

// A file that is too large is said before it travels; the server counts all the same.
for (const file of document.querySelectorAll("input[type=file][data-most]")) {
  file.addEventListener("change", () => {
    const large = file.files[0]?.size > Number(file.dataset.most);
    file.setCustomValidity(large ? file.dataset.tooLarge : "");
    if (large) file.reportValidity();
  });
}

// A filter applies as soon as it is chosen; its button is for browsers without script.
for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
for (const button of document.querySelectorAll("[data-noscript]")) button.hidden = true;

// Something moves: look again by itself, and change only what has changed.
const lookAgain = () => {
  const seen = document.querySelector("[data-again]");
  if (!seen) return;
  setTimeout(async () => {
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = fresh.getElementById(seen.id);
      if (now && now.outerHTML !== seen.outerHTML) seen.replaceWith(now);
    } catch { /* away for a moment, or signed out: the next look, or a reload, will say */ }
    lookAgain();
  }, Number(seen.dataset.again) * 1000);
};
lookAgain();
