/** A public lecture as a presentation, written part by part (ECMA-376). */
import { strToU8, zipSync } from 'fflate';
import { LAYOUT, MASTER, THEME } from './pptx-theme.mjs';

const A = 'http://schemas.openxmlformats.org/drawingml/2006/main';
const P = 'http://schemas.openxmlformats.org/presentationml/2006/main';
const R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const CONTENT = 'application/vnd.openxmlformats-officedocument.presentationml';

const SLIDES = [
  {
    title: 'How to measure a river',
    lines: [
      ['A public lecture by Chidi Okafor', 0],
      ['Lindmark town hall, 9 November 2024', 0],
    ],
    notes: 'Wait until the people with the tea have sat down.',
  },
  {
    title: 'Three things a river does',
    lines: [
      ['It rises and falls', 0],
      ['measured with a staff gauge', 1],
      ['It flows', 0],
      ['measured with a current meter', 1],
      ['or with the acoustic profiler', 1],
      ['It carries things', 0],
      ['sand, leaves, once a bridge', 1],
    ],
    notes: 'Show the photograph of the bridge in the beet field.',
  },
  {
    title: 'The flood of January 2024',
    table: [
      ['Station', 'Peak (cm)', 'Hours after Oster Lock'],
      ['Oster Lock', '412', '0'],
      ['Mill Bridge', '377', '6'],
      ['Delta North', '263', '19'],
    ],
  },
  {
    title: 'What you can do',
    lines: [
      ['Read the gauge when you walk past', 0],
      ['Write to us', 0],
      ['Shut the gates', 0],
    ],
    notes: 'Thank the lock keepers by name.',
  },
];

const run = (text) => `<a:r><a:rPr lang="en-GB"/><a:t>${text}</a:t></a:r>`;
const shape = ({ id, name, placeholder, body }) =>
  `<p:sp><p:nvSpPr><p:cNvPr id="${id}" name="${name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph ${placeholder}/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>${body}</p:txBody></p:sp>`;

const lineXml = ([text, level]) => `<a:p><a:pPr lvl="${level}"/>${run(text)}</a:p>`;
const cellXml = (text) =>
  `<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p>${run(text)}</a:p></a:txBody><a:tcPr/></a:tc>`;

function tableXml(rows) {
  const grid = rows[0].map(() => '<a:gridCol w="2600000"/>').join('');
  const body = rows.map((row) => `<a:tr h="480000">${row.map(cellXml).join('')}</a:tr>`).join('');
  return `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="Table"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="900000" y="1900000"/><a:ext cx="7800000" cy="1920000"/></p:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr firstRow="1"/><a:tblGrid>${grid}</a:tblGrid>${body}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
}

const tree = (shapes) =>
  `<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>${shapes}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>`;

function slideXml({ title, lines, table }) {
  const heading = shape({
    id: 2,
    name: 'Title',
    placeholder: 'type="title"',
    body: `<a:p>${run(title)}</a:p>`,
  });
  const body = lines
    ? shape({ id: 3, name: 'Content', placeholder: 'idx="1"', body: lines.map(lineXml).join('') })
    : tableXml(table);
  return `${HEAD}<p:sld xmlns:a="${A}" xmlns:r="${R}" xmlns:p="${P}">${tree(heading + body)}</p:sld>`;
}

function notesXml(text) {
  const body = shape({
    id: 2,
    name: 'Notes',
    placeholder: 'type="body" idx="1"',
    body: `<a:p>${run(text)}</a:p>`,
  });
  return `${HEAD}<p:notes xmlns:a="${A}" xmlns:r="${R}" xmlns:p="${P}">${tree(body)}</p:notes>`;
}

const relations = (list) =>
  `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list
    .map(
      ([type, target], index) =>
        `<Relationship Id="rId${index + 1}" Type="${R}/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`;

function presentationXml() {
  const ids = SLIDES.map(
    (_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 2}"/>`,
  ).join('');
  return `${HEAD}<p:presentation xmlns:a="${A}" xmlns:r="${R}" xmlns:p="${P}"><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>${ids}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000" type="screen4x3"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`;
}

function contentTypes() {
  const override = (part, type) => `<Override PartName="/ppt/${part}" ContentType="${type}"/>`;
  const slides = SLIDES.map(({ notes }, index) => {
    const slide = override(`slides/slide${index + 1}.xml`, `${CONTENT}.slide+xml`);
    return notes
      ? slide + override(`notesSlides/notesSlide${index + 1}.xml`, `${CONTENT}.notesSlide+xml`)
      : slide;
  });
  return `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('presentation.xml', `${CONTENT}.presentation.main+xml`)}${override('slideMasters/slideMaster1.xml', `${CONTENT}.slideMaster+xml`)}${override('slideLayouts/slideLayout1.xml', `${CONTENT}.slideLayout+xml`)}${override('theme/theme1.xml', 'application/vnd.openxmlformats-officedocument.theme+xml')}${slides.join('')}</Types>`;
}

function slideParts() {
  const parts = {};
  for (const [index, slide] of SLIDES.entries()) {
    const number = index + 1;
    const links = [['slideLayout', '../slideLayouts/slideLayout1.xml']];
    if (slide.notes) {
      links.push(['notesSlide', `../notesSlides/notesSlide${number}.xml`]);
      parts[`ppt/notesSlides/notesSlide${number}.xml`] = notesXml(slide.notes);
      parts[`ppt/notesSlides/_rels/notesSlide${number}.xml.rels`] = relations([
        ['slide', `../slides/slide${number}.xml`],
      ]);
    }
    parts[`ppt/slides/slide${number}.xml`] = slideXml(slide);
    parts[`ppt/slides/_rels/slide${number}.xml.rels`] = relations(links);
  }
  return parts;
}

export function lecturePptx() {
  const slideLinks = SLIDES.map((_, index) => ['slide', `slides/slide${index + 1}.xml`]);
  const parts = {
    '[Content_Types].xml': contentTypes(),
    '_rels/.rels': relations([['officeDocument', 'ppt/presentation.xml']]),
    'ppt/presentation.xml': presentationXml(),
    'ppt/_rels/presentation.xml.rels': relations([
      ['slideMaster', 'slideMasters/slideMaster1.xml'],
      ...slideLinks,
      ['theme', 'theme/theme1.xml'],
    ]),
    'ppt/slideMasters/slideMaster1.xml': MASTER,
    'ppt/slideMasters/_rels/slideMaster1.xml.rels': relations([
      ['slideLayout', '../slideLayouts/slideLayout1.xml'],
      ['theme', '../theme/theme1.xml'],
    ]),
    'ppt/slideLayouts/slideLayout1.xml': LAYOUT,
    'ppt/slideLayouts/_rels/slideLayout1.xml.rels': relations([
      ['slideMaster', '../slideMasters/slideMaster1.xml'],
    ]),
    'ppt/theme/theme1.xml': THEME,
    ...slideParts(),
  };
  return zipSync(
    Object.fromEntries(Object.entries(parts).map(([name, xml]) => [name, strToU8(xml)])),
  );
}
