import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { replaceFile } from '../../../services/platform/replace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'in-cse-replace-'));
after(() => rmSync(folder, { recursive: true }));

describe('a replaced file (issue 4 §1)', () => {
  it('is another one, with the new text, and nothing is left beside it', async () => {
    const file = join(folder, 'a');
    writeFileSync(file, 'old', { mode: 0o644 });
    writeFileSync(`${file}.new`, 'of a process that died', { mode: 0o666 });
    const { ino } = statSync(file);
    await replaceFile(file, 'new', { secret: true });
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.notEqual(statSync(file).ino, ino, 'who has the old one open reads all of it');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await replaceFile(file, 'newer', { secret: false });
    assert.equal(statSync(file).mode & 0o044, 0o044);
    assert.deepEqual(readdirSync(folder), ['a']);
  });

  it('leaves the old one where the new one cannot be put', async () => {
    await assert.rejects(replaceFile(join(folder, 'not', 'there'), 'x', { secret: true }), { code: 'ENOENT' });
    await assert.rejects(replaceFile(folder, 'x', { secret: true }));
    assert.deepEqual(readdirSync(folder), ['a']);
    rmSync(`${folder}.new`, { force: true });
  });

  it('stays that of its user when root replaces it', { skip: process.geteuid?.() !== 0 && 'not root' }, async () => {
    const file = join(folder, 'owned');
    writeFileSync(file, 'old');
    chownSync(file, 12345, 12346);
    await replaceFile(file, 'new', { secret: true });
    assert.deepEqual([statSync(file).uid, statSync(file).gid], [12345, 12346]);
    chownSync(folder, 12347, 12348);
    await replaceFile(join(folder, 'first'), 'new', { secret: true });
    assert.deepEqual([statSync(join(folder, 'first')).uid, statSync(join(folder, 'first')).gid], [12347, 12348]);
  });
});
