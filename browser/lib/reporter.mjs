// Says of each test in one line how it went, and of a failure why.

import { Transform } from 'node:stream';

export default new Transform({
  writableObjectMode: true,
  transform({ type, data }, _encoding, done) {
    // A file counts as a test of its own; it is only of interest when it could not be run.
    const isFile = data.name?.endsWith('.mjs');
    if (data.skip !== undefined) {
      // What was not asked for did not run, and is no pass.
      done();
    } else if (type === 'test:pass' && data.details?.type !== 'suite' && !isFile) {
      done(null, `PASS ${data.name} (${Math.round(data.details.duration_ms)} ms)\n`);
    } else if (type === 'test:fail' && data.details?.type !== 'suite' && data.details?.error?.failureType !== 'subtestsFailed') {
      const error = data.details.error.cause ?? data.details.error;
      const why = String(error.message ?? error).split('\n').map((line) => `    ${line}\n`).join('');
      done(null, `FAIL ${data.name}\n${why}`);
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      done(null, data.message);
    } else {
      done();
    }
  },
});
