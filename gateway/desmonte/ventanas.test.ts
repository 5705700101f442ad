import { describe, expect, it } from '@jest/globals';
import { registroOf, tramoOf } from './testing.js';
import { Ventanas } from './ventanas.js';

const tramo = tramoOf(registroOf('Vista'), { fase: 'primary' });

describe('what a tramo lived in the last minutes', () => {
  it('takes no refusal for an answer that was quick', () => {
    const ventanas = new Ventanas(() => 0, 60_000);
    for (let n = 0; n < 30; n++) {
      ventanas.answered(tramo, 'viejo', { n: 1, fallas: 1, ms: 0.01 });
      ventanas.answered(tramo, 'nuevo', { n: 1, fallas: 0, ms: 5 });
    }
    ventanas.answered(tramo, 'viejo', { n: 2, fallas: 1, ms: 8 });

    expect(ventanas.of(tramo)).toMatchObject({
      viejo: { n: 32, fallas: 31, p95Ms: 8 },
      nuevo: { n: 30, fallas: 0, p95Ms: 5 },
    });
  });
});
