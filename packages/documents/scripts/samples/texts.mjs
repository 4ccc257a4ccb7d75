/** The plain-text members of the archive. */

export const aboutMarkdown = () => `# The Lindmark River Survey archive

The **Lindmark River Survey** was founded in 1911, after the spring flood that carried the
old Mill Bridge four kilometres downstream and set it, almost undamaged, into a beet field.
Three people work here. They read gauges, draw maps and answer letters.

## What you find in this folder

| Folder | Contents |
| --- | --- |
| \`minutes\` | Minutes of the survey council |
| \`measurements\` | Raw tables as they come from the field |
| \`books\` | The yearbook for readers without a rain coat |
| \`confidential\` | Papers that are locked, or were left out in the rain |

## House rules

1. Water levels are given in centimetres above gauge zero.
2. Dates are written year first.
3. Nobody borrows the long tape measure without writing it in the green book.

> A river is never late. We are. — *H. Vestergaard, first surveyor*
`;

export const fieldNotesText = () => `FIELD NOTES, MARCH 2024
=======================

Kept by Ilse Brandt on the round from Oster Lock to the delta.
Weather at the start: four degrees, wind from the west, light rain
that stopped at the second gauge.

Oster Lock
----------

Staff gauge read at 08:10. The lower plate is scratched where a barge
touched it in January; the figures can still be read. The lock keeper
reports that the otters are back.

- cleaned the stilling well
- replaced the battery of the logger
- took two photographs of the scratched plate

Readings of the day
-------------------

  station        time    level   temp
  Oster Lock     08:10   214     5.1
  Mill Bridge    10:45   198     5.4
  Heron Weir     13:20   176     5.6
  Delta North    16:05   121     6.0

Mill Bridge
-----------

The rail is loose on the upstream side. I have tied a red ribbon to it
and written to the parish. Nobody should lean there with a theodolite.
`;

export const germanCsv = () =>
  Buffer.from(
    [
      'Station;Gewässer;Datum;Pegel (cm);Abfluss (m³/s);Bemerkung',
      'Oberförde;Große Aller;2024-03-01;214,5;38,2;"Eisfrei; ruhige Strömung"',
      'Mühlbrücke;Große Aller;2024-03-01;198,0;36,9;Geländer lose',
      'Süderschleuse;Kleine Aller;2024-03-01;121,3;11,4;Schleusenwärter grüßt',
      'Weißes Wehr;Kleine Aller;2024-03-02;176,8;13,0;Fischtreppe geöffnet',
      'Düne Ost;Mündung;2024-03-02;88,1;52,7;"Höchststand für März, bestätigt"',
      '',
    ].join('\r\n'),
    'latin1',
  );

export const soundingsCsv = () =>
  [
    'date,bridge,pier,depth_m,surveyor,remark',
    '2024-04-03,Mill Bridge,1,3.42,Brandt,',
    '2024-04-03,Mill Bridge,2,3.97,Brandt,"scour hole, 40 cm deeper than in 2023"',
    '2024-04-03,Mill Bridge,3,3.51,Brandt,',
    '2024-04-04,Railway Bridge,1,4.88,Okafor,',
    '2024-04-04,Railway Bridge,2,5.02,Okafor,"stone blocks in place | photographed"',
    '2024-04-05,Delta Footbridge,1,1.76,Lund,sand bank has moved 12 m east',
    '',
  ].join('\n');

export const waterQualityTsv = () =>
  [
    ['station', 'date', 'ph', 'oxygen_mg_l', 'nitrate_mg_l', 'turbidity_ntu'],
    ['Oster Lock', '2024-05-02', '7.8', '10.4', '2.1', '4.2'],
    ['Mill Bridge', '2024-05-02', '7.7', '9.9', '2.6', '5.0'],
    ['Heron Weir', '2024-05-03', '7.9', '10.8', '2.4', '3.1'],
    ['Delta North', '2024-05-03', '8.0', '9.2', '3.0', '8.7'],
  ]
    .map((row) => `${row.join('\t')}\n`)
    .join('');

export const stationsJson = () =>
  `${JSON.stringify(
    [
      ['OL-01', 'Oster Lock', 1911, 4.12, true],
      ['MB-02', 'Mill Bridge', 1913, 3.58, true],
      ['HW-03', 'Heron Weir', 1926, 2.97, true],
      ['DN-04', 'Delta North', 1954, 0.41, true],
      ['BF-05', 'Beet Field (memorial)', 1911, 6.3, false],
    ].map(([id, name, opened, gaugeZeroM, active]) => ({ id, name, opened, gaugeZeroM, active })),
    null,
    2,
  )}\n`;

export const visitorHtml = () => `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Visiting the Lindmark gauges</title>
  <style>body { font-family: Georgia, serif; max-width: 40em }</style>
  <script>document.title = 'never run';</script>
</head>
<body>
  <nav><a href="/">Home</a> <a href="/gauges">Gauges</a></nav>
  <h1>Visiting the Lindmark gauges</h1>
  <p>Four of our five gauges can be reached on foot. Wear boots, bring a sandwich, and
     <em>please</em> shut the gates: the sheep have opinions about open gates.</p>
  <h2>The walk from Oster Lock to Heron Weir</h2>
  <ol>
    <li>Start at the lock keeper's house; the key to the viewing platform hangs <strong>inside</strong> the blue box.</li>
    <li>Follow the tow path for 3.2&nbsp;km. Mill Bridge is the one with the red ribbon.</li>
    <li>Heron Weir is best in the morning, before the herons have had breakfast.</li>
  </ol>
  <h2>Opening hours</h2>
  <table>
    <thead><tr><th>Gauge</th><th>April to September</th><th>October to March</th></tr></thead>
    <tbody>
      <tr><td>Oster Lock</td><td>08:00 to 19:00</td><td>09:00 to 16:00</td></tr>
      <tr><td>Heron Weir</td><td>06:00 to 20:00</td><td>closed</td></tr>
    </tbody>
  </table>
  <p>Questions go to <a href="mailto:office@lindmark-survey.example">the office</a>;
     the <a href="https://lindmark-survey.example/map">map</a> is free.</p>
  <img alt="The gauge house in snow" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
</body>
</html>
`;
