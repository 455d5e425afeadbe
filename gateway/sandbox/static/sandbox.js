// Keeps a page right while it is looked at: when the sandbox's pulse has changed, the parts marked
// data-live are fetched again and replaced. Forms outside of them keep what was typed.
const PERIOD_MS = 2000;

async function refresh() {
  const reply = await fetch(location.href);
  if (!reply.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement?.form ?? null)) {
      part.innerHTML = next.innerHTML;
    }
  }
  document.body.dataset.pulse = fresh.body.dataset.pulse;
}

async function listen() {
  if (!document.hidden) {
    try {
      const { pulse } = await (await fetch("/_sandbox/pulse")).json();
      if (String(pulse) !== document.body.dataset.pulse) await refresh();
    } catch {
      // The sandbox is stopping or starting again; the next round asks anew.
    }
  }
  setTimeout(listen, PERIOD_MS);
}

setTimeout(listen, PERIOD_MS);

// Who holds the phone: a link that is touched on a phone page is opened by that phone's owner.
// The authorize page reads the note; gateway/sandbox/login says what it is worth.
function noteHolder(event) {
  const link = event.target.closest?.('a[target="_blank"]');
  const phone = link?.closest("[data-holder]");
  if (phone) {
    const who = encodeURIComponent(phone.dataset.holder);
    document.cookie = `wecom_holder=${who}; path=/connect; max-age=600; samesite=lax`;
  }
}

// A view button of an app's menu: the browser follows the link, the app hears of it besides.
function reportView(event) {
  const link = event.target.closest?.("a[data-report]");
  if (link) navigator.sendBeacon(link.dataset.report, new URLSearchParams({ url: link.getAttribute("href") }));
}

document.addEventListener("click", reportView);
for (const kind of ["click", "auxclick"]) document.addEventListener(kind, noteHolder, true);
