// sharp at its defaults: one answer at quality 80, or a version.

import { writeFile } from "node:fs/promises";
import sharp from "sharp";

sharp.cache(false);
sharp.concurrency(1);

if (process.argv[2] === "--version") {
  console.log(`sharp ${sharp.versions.sharp} with libvips ${sharp.versions.vips}`);
} else {
  const { source, op, quality, out } = JSON.parse(process.argv[3]);
  const small = sharp(source).resize(op.width, op.height || null, { fit: "inside" });
  await writeFile(out, await small.jpeg({ quality }).toBuffer());
}
