"""Text that would do something if anything took it for more than text. What is carried out sets `window.harmed`."""

from __future__ import annotations

PAYLOADS = (
    "<script>window.harmed='script'</script>",
    "<img src=x onerror=\"window.harmed='img'\">",
    "<svg onload=\"window.harmed='svg'\"></svg>",
    '"><iframe srcdoc="<script>parent.harmed=\'iframe\'</script>">',
    "' autofocus onfocus='window.harmed=\"focus\"' x='",
    "javascript:window.harmed='address'",
    "[a link](javascript:window.harmed='markdown') ![x](x\"onerror=\"window.harmed='md')",
    '<a href="javascript:window.harmed=\'href\'" hx-get="/harm" hx-trigger="load">press</a>',
    '<div hx-get="/harm" hx-trigger="load" hx-on::load="window.harmed=\'hx\'" data-hx-get="/harm"></div>',
    "<template><script>window.harmed='template'</script></template><style>body{display:none}</style>",
    "{{7*7}} {% debug %} ${7*7} #{7*7}",
    "</textarea></title></option><script>window.harmed='closed'</script>",
    "\u202eevil\u202c \u2066isolated \u200bzero\u200d\ufeff width",
    '=HYPERLINK("https://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "Subject: x\r\nBcc: evil@evil.example\r\n\r\n<b>body</b>",
    "&lt;script&gt;window.harmed=1&lt;/script&gt; &amp;lt; &#x27;",
)
