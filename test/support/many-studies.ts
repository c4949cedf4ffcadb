import type { SandboxLab } from './sandbox-lab.ts';

/** So many more studies as the one called `trust`: copies of its services and records, stopped, under other names. */
export function copyStudy({ sandbox }: SandboxLab, count: number): void {
  const { model } = sandbox;
  const services = [...model.store.services.values()].filter(({ Spec }) => /^trust_(web|db)$/.test(Spec.Name));
  const configs = [...model.store.configs.values()].filter(({ Spec }) => /^of\.\w+\.trust\./.test(Spec.Name));
  for (let number = 1; number <= count; number += 1) {
    const name = `many-${String(number).padStart(4, '0')}`;
    const named = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('trust', name)) as T;
    for (const { Spec } of services) {
      const { Networks: _own, ContainerSpec, ...rest } = Spec.TaskTemplate;
      const { Secrets: _secrets, ...container } = ContainerSpec;
      const template = { ...rest, ContainerSpec: container };
      model.createService(named({ ...Spec, TaskTemplate: template, Mode: { Replicated: { Replicas: 0 } } }));
    }
    for (const config of configs) {
      const copy = { ...named(config), ...model.store.stored() };
      model.store.configs.set(copy.ID, copy);
    }
  }
}
