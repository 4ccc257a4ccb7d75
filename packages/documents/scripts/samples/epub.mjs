/** The yearbook, a small EPUB 3. */
import { strToU8, zipSync } from 'fflate';

const CHAPTERS = [
  [
    'Winter',
    [
      'In January the river is the colour of slate and sounds like a crowd leaving a theatre. The gauge house smells of wet wool and coffee.',
      'Mrs Lund says that the cold has one advantage: nobody asks you to go for a swim.',
    ],
  ],
  [
    'Spring',
    [
      'The reeds come back first, then the herons, then the schoolchildren, in ascending order of noise.',
      'On the first of April the logger at Heron Weir reported a level of minus four metres. It was the date, said Mr Okafor. It was the battery.',
    ],
  ],
  [
    'Summer',
    [
      'By July the Little Aller can be crossed in shoes, if you have a second pair of shoes. We measure every day all the same: low water is water too.',
    ],
  ],
  [
    'Autumn',
    [
      'The rain returns, and with it the letters asking whether it will rain. We answer all of them. The answer is yes.',
    ],
  ],
];

const page = ([name, paragraphs]) => `<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en">
<head><title>${name}</title></head>
<body><section><h2>${name}</h2>${paragraphs.map((text) => `<p>${text}</p>`).join('')}</section></body>
</html>`;

const NAV = `<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>Contents</title></head>
<body><nav epub:type="toc"><ol>${CHAPTERS.map(([name], index) => `<li><a href="text/chapter-${index + 1}.xhtml">${name}</a></li>`).join('')}</ol></nav></body>
</html>`;

const CONTAINER = `<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>`;

const item = (_, index) =>
  `<item id="chapter-${index + 1}" href="text/chapter-${index + 1}.xhtml" media-type="application/xhtml+xml"/>`;
const itemref = (_, index) => `<itemref idref="chapter-${index + 1}"/>`;

const PACKAGE = `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:lindmark:yearbook:2024</dc:identifier>
<dc:title>A Year on the Aller</dc:title>
<dc:creator>Solveig Lund</dc:creator>
<dc:language>en</dc:language>
<meta property="dcterms:modified">2025-01-15T00:00:00Z</meta>
</metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>${CHAPTERS.map(item).join('')}</manifest>
<spine>${CHAPTERS.map(itemref).join('')}</spine>
</package>`;

export function yearbookEpub() {
  const text = Object.fromEntries(
    CHAPTERS.map((chapter, index) => [`chapter-${index + 1}.xhtml`, strToU8(page(chapter))]),
  );
  return zipSync({
    mimetype: [strToU8('application/epub+zip'), { level: 0 }],
    'META-INF': { 'container.xml': strToU8(CONTAINER) },
    OEBPS: { 'package.opf': strToU8(PACKAGE), 'nav.xhtml': strToU8(NAV), text },
  });
}
