// metadata of the document; what the API server adds to the stored object is accepted and kept out of our way.

import * as z from "zod";
import { section } from "./fields.ts";

const stringMap = () => z.record(z.string(), z.string()).optional();

export const metadataSchema = () =>
  section({
    name: z.string().default("k0s"),
    namespace: z.string().default("kube-system"),
    labels: stringMap(),
    annotations: stringMap(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    finalizers: z.array(z.string()).optional(),
    generation: z.int().optional(),
    managedFields: z.array(z.unknown()).optional(),
    ownerReferences: z.array(z.unknown()).optional(),
    resourceVersion: z.string().optional(),
    uid: z.string().optional(),
  });
