// Aloft: keeps an element in reach above whatever lies over the page: sheets, and modal dialogs, which leave nothing else alive.

/** Shows the element while something covers the page, and moves it into the modal dialog that does. */
export function aloft(element: HTMLElement): () => void {
  const home = element.parentElement;
  const rise = () => {
    const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
    element.hidden = !dialog && !document.querySelector("[data-covers]");
    const place = dialog ?? home;
    if (place && element.parentElement !== place) place.append(element);
  };
  rise();
  const observer = new MutationObserver(rise);
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["open", "data-covers"],
  });
  return () => {
    observer.disconnect();
    element.remove();
  };
}
