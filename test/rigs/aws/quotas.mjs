/** Service Quotas, of which moto 5.2 knows those of networks alone: what a new account may have, until a test says otherwise. */
const accelerated = [
  ...['L-DB2E81BA', 'L-417A185B', 'L-74FC7D96', 'L-7295265B', 'L-1945791B', 'L-2C3B7624', 'L-6E869C2A'],
  ...['L-F7808C92', 'L-43DA4232'],
];
const usual = {
  ...{ 'L-1216C47A': 32, 'L-B665C33B': 50_000 },
  ...Object.fromEntries(accelerated.map((code) => [code, 0])),
};

export class Quotas {
  constructor() {
    this.values = { ...usual };
  }

  /** Leaves all others as they are in a new account. */
  set(values) {
    this.values = { ...usual, ...values };
  }

  get rules() {
    return {
      'json:GetServiceQuota': ({ told }) => {
        const { QuotaCode, ServiceCode } = told;
        const Value = this.values[QuotaCode];
        // GetServiceQuota, "Errors".
        if (ServiceCode !== 'ec2' || Value === undefined)
          throw { code: 'NoSuchResourceException', message: 'The request failed because it does not exist.' };
        return {
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify({ Quota: { ServiceCode, QuotaCode, Value } }),
        };
      },
    };
  }
}
