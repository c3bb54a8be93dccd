import type { Delivery, DeliveryResult, WriteBack } from '../../src/opencrvs/index.js';

type Behaviour = (delivery: Delivery) => Promise<DeliveryResult>;

/** A write-back in memory: takes everything unless told otherwise. */
export class FakeWriteBack implements WriteBack {
  readonly kind = 'countryconfig';
  readonly deliveries: Delivery[] = [];
  readonly #behaviours = new Map<string, Behaviour>();

  when(registrationNumber: string, behaviour: Behaviour): void {
    this.#behaviours.set(registrationNumber, behaviour);
  }

  async deliver(delivery: Delivery): Promise<DeliveryResult> {
    this.deliveries.push(delivery);
    const behaviour = this.#behaviours.get(delivery.event.registrationNumber);
    return behaviour === undefined ? { result: 'delivered' } : behaviour(delivery);
  }

  deliveriesOf(registrationNumber: string): Delivery[] {
    return this.deliveries.filter(({ event }) => event.registrationNumber === registrationNumber);
  }
}
