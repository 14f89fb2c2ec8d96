// What scripts of websites have been seen to do, all at once.

/* Names that a careless script would share. */
var button = "the page's own";
var frame = 7;
var dialog = null;
var host = {};
var port = 80;

/* Additions to what everything inherits. */
Array.prototype.extra = function () {
  return "extra";
};
Object.prototype.position = "middle";
Object.prototype.clinicChatOpen = undefined;

/* Old polyfills that replace what browsers have. */
JSON = { parse: () => null, stringify: () => "" };
["append", "prepend", "remove", "replaceWith", "closest", "matches", "insertAdjacentElement"].forEach((name) => {
  Element.prototype[name] = () => {
    throw new TypeError(`${name} is not what it was`);
  };
});
window.fetch = () => Promise.reject(new TypeError("no fetch here"));
window.Promise.prototype.finally = undefined;

/* What jQuery 1 sites do. */
jQuery(function ($) {
  $("#seen").text("jQuery " + $.fn.jquery + " has run.");
  $(document).on("keydown click", () => undefined);
  $(document).ajaxError(() => undefined);
});

window.addEventListener("error", (event) => {
  document.title = "broken: " + event.message;
});
