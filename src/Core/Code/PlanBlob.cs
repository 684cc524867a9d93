using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>A named blob and how to produce its content: null when its owner gave it up, then it is not shipped.</summary>
internal sealed record PlanBlob(BlobName Name, Func<byte[]?> Content);
