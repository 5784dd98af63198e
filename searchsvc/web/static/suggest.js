// Suggestions while typing, as options of the query's field. Without scripts there are none.
"use strict";

(() => {
  const PAUSE = 120; // milliseconds without a key before asking
  const source = document.currentScript.dataset.from;
  const field = document.getElementById("q");
  if (!field || !window.fetch) return;

  const options = document.createElement("datalist");
  options.id = "suggestions";
  field.after(options);
  field.setAttribute("list", options.id);

  let waiting;
  let asking;

  const show = (suggestions) => {
    options.replaceChildren(
      ...suggestions.map(({ text }) => {
        const option = document.createElement("option");
        option.value = text;
        return option;
      }),
    );
  };

  const ask = async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    const typed = field.value;
    try {
      const address = `${source}?${new URLSearchParams({ q: typed })}`;
      const response = await fetch(address, { signal: asking.signal });
      if (response.ok && field.value === typed) show((await response.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") show([]);
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
})();
