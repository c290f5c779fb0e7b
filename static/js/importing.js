// Goes on with the next records of a file. Without this script the button does the same.
"use strict";
const form = document.querySelector("form[data-goes-on]");
if (form) {
  setTimeout(() => form.requestSubmit(), 250); // long enough to press "Stop here"
}
