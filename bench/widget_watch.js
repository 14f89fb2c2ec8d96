// Runs in every document of the measured pages before anything else, and notes when what was on the screen.
(() => {
  const bench = { violations: [], long: [] };
  window.bench = bench;
  // One clock for the page and the frame: milliseconds since 1970, with fractions.
  const clock = (moment) => performance.timeOrigin + moment;
  const isShown = (element) => {
    if (!element || element.hidden) return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0;
  };
  const inFrame = window.parent !== window;
  const looks = inFrame
    ? {
        // The box has the keyboard and stands in a frame that is painted: hidden frames get no animation frames.
        usable: () => document.activeElement?.id === "chat-box" && !document.activeElement.disabled && isShown(document.activeElement),
      }
    : {
        heading: () => isShown(document.querySelector("h1")),
        launcher: () => isShown(document.querySelector("clinic-chat")?.shadowRoot?.querySelector("button[aria-expanded]")),
      };
  const look = () => {
    const fresh = Object.keys(looks).filter((name) => !(name in bench) && looks[name]());
    if (fresh.length) {
      for (const name of fresh) bench[name] = 0;
      // The first task after an animation frame comes when the page has done its part of the painting.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => fresh.forEach((name) => (bench[name] = clock(performance.now())));
      channel.port2.postMessage(0);
    }
    if (Object.keys(looks).some((name) => !bench[name])) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  document.addEventListener("securitypolicyviolation", (event) => {
    bench.violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
  });
  if (inFrame) return;
  bench.start = clock(0);
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) bench.long.push([startTime, duration]);
  }).observe({ type: "longtask", buffered: true });
  const note = (name) => (event) => {
    if (event.target instanceof Element && event.target.localName === "clinic-chat") bench[name] ??= clock(event.timeStamp);
  };
  addEventListener("pointerover", note("hover"), true);
  addEventListener("pointerdown", note("press"), true);
})();
