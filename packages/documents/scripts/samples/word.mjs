/** The Word members of the archive. */
import {
  AlignmentType,
  Document,
  HeadingLevel,
  LevelFormat,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';

const NUMBERING = {
  config: [
    {
      reference: 'steps',
      levels: [
        { level: 0, format: LevelFormat.DECIMAL, text: '%1.', alignment: AlignmentType.START },
      ],
    },
  ],
};

const title = (text) => new Paragraph({ text, heading: HeadingLevel.TITLE });
const chapter = (text) => new Paragraph({ text, heading: HeadingLevel.HEADING_1 });
const section = (text) => new Paragraph({ text, heading: HeadingLevel.HEADING_2 });
const bullet = (text) => new Paragraph({ text, bullet: { level: 0 } });
const step = (text) => new Paragraph({ text, numbering: { reference: 'steps', level: 0 } });

/** `*word*` becomes bold. */
const prose = (text) =>
  new Paragraph({
    spacing: { after: 160 },
    children: text
      .split('*')
      .map((part, index) => new TextRun({ text: part, bold: index % 2 === 1 })),
  });

const table = (rows) =>
  new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    rows: rows.map(
      (row, index) =>
        new TableRow({
          tableHeader: index === 0,
          children: row.map((text) => new TableCell({ children: [new Paragraph(text)] })),
        }),
    ),
  });

const pack = (name, children) =>
  Packer.toBuffer(
    new Document({
      title: name,
      creator: 'Lindmark River Survey',
      numbering: NUMBERING,
      sections: [{ children }],
    }),
  );

export const handbookDocx = () =>
  pack('Gauge handbook', [
    title('Gauge Handbook'),
    prose(
      'Fourth edition, revised after the January flood. Keep a copy *at every station*, above the high-water mark.',
    ),
    chapter('Reading a staff gauge'),
    prose(
      'A staff gauge is an enamelled rule that stands in the river. Read it at eye level, or as near to eye level as the bank allows. Waves are averaged: note the highest and the lowest figure that the water touches within one minute, and write down *the middle*.',
    ),
    section('Before you leave'),
    step(
      'Compare the staff gauge with the logger. A difference of more than two centimetres is reported the same day.',
    ),
    step('Clean the inlet of the stilling well.'),
    step('Enter the reading in the book, in pencil. Ink runs.'),
    section('What to carry'),
    bullet('A pencil and a second pencil'),
    bullet('The long tape measure, if it can be found'),
    bullet('Something to eat'),
    chapter('The stations'),
    prose('Gauge zero is given in metres above sea level, from the levelling of 2019.'),
    table([
      ['Station', 'Gauge zero', 'Logger', 'Access'],
      ['Oster Lock', '4.12 m', 'radar', 'lock keeper'],
      ['Mill Bridge', '3.58 m', 'pressure', 'from the tow path'],
      ['Heron Weir', '2.97 m', 'pressure', 'ladder, wet'],
      ['Delta North', '0.41 m', 'float', 'boat'],
    ]),
    chapter('When the logger is silent'),
    prose(
      'Read by hand every half hour until it speaks again. Nobody has ever been sorry for a reading too many.',
    ),
  ]);

export const minutesDocx = () =>
  pack('Minutes, 20 June 2024', [
    title('Minutes of the survey council'),
    prose('Held on *20 June 2024* in the garden of the gauge house, because of the heat.'),
    chapter('Item 1: Reed beds'),
    prose(
      'The new computation shows that the January wave would have needed forty minutes longer with half of the reed standing. The council decided, with three votes to one, to leave every second reed bed standing.',
    ),
    chapter('Item 2: Heron-proof aerial'),
    prose(
      'Mr Okafor presented two designs. The one with spikes was withdrawn out of respect for the herons.',
    ),
    table([
      ['Design', 'Cost', 'Decision'],
      ['Spikes', '400 crowns', 'withdrawn'],
      ['Spinning cups', '650 crowns', 'accepted'],
    ]),
    prose('Next meeting: 19 September 2024.'),
  ]);

/** The first three fifths of a real document, as a broken download leaves it. */
export async function damagedDocx() {
  const whole = await pack('Flood plan', [
    title('Flood plan'),
    prose('In case of high water, this page should have been readable.'),
  ]);
  return whole.subarray(0, Math.floor(whole.length * 0.6));
}
