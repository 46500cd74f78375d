// Follows the files of this page's folder: shows new styles where only those have changed, else loads the page again.
(() => {
  const { src, dataset } = document.currentScript;
  const [rest, firstStyles] = dataset.edition.split("-");
  let styles = firstStyles;
  let changes = null;

  // A browser has six connections to a server, for all its windows: only a page that is seen takes one.
  function listen() {
    changes?.close();
    changes = document.hidden ? null : new EventSource(new URL("api/v1/pages/changes", src));
    changes?.addEventListener("message", ({ data }) => follow(...data.split("-")));
  }

  function follow(newRest, newStyles) {
    if (newRest !== rest) location.reload();
    else if (newStyles !== styles) restyle(newStyles);
  }

  // The old style stays until the new one is there, so that nothing flashes.
  function restyle(edition) {
    styles = edition;
    for (const link of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const address = new URL(link.href);
      if (address.origin !== location.origin) continue;
      address.searchParams.set("edition", edition);
      const fresh = link.cloneNode();
      fresh.href = address;
      fresh.onload = fresh.onerror = () => link.remove();
      link.after(fresh);
    }
  }

  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => changes?.close());
  addEventListener("pageshow", ({ persisted }) => persisted && listen());
  listen();
})();
