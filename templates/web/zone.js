// Fills in the browser's own time zone where nobody has chosen one. The page works without.
"use strict";
for (const list of document.querySelectorAll("select[data-zone=guess]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...list.options].find((option) => option.value === zone);
  if (known) known.selected = true;
}
