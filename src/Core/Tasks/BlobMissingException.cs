using MicroSpark.Model;

namespace MicroSpark.Tasks;

/// <summary>No worker that was asked holds a blob any more.</summary>
internal sealed class BlobMissingException(BlobName name, IReadOnlyList<WorkerId> asked, Exception? innerException)
    : Exception(
        $"None of {asked.Count} workers holds the blob {name}: the workers that held it are gone. Run the job again.", innerException)
{
    public BlobName Name { get; } = name;
}
