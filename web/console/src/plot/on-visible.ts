// OnVisible: tells whether an element can be seen: it is on the screen, and its page is in front.

/** Calls back with each change, and at first; the answer stops that. */
export function onVisible(element: Element, changed: (visible: boolean) => void): () => void {
  let isOnScreen = false;
  const tell = () => changed(isOnScreen && !document.hidden);
  const observer = new IntersectionObserver((entries) => {
    isOnScreen = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  observer.observe(element);
  document.addEventListener("visibilitychange", tell);
  return () => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", tell);
  };
}
