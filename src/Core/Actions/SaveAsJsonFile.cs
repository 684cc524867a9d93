using System.Text.Json;
using MicroSpark.Actions;
using MicroSpark.Files;
using MicroSpark.Formats;
using MicroSpark.Formats.Json;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Actions
{
    /// <summary>Writes a partition as one file of JSON values, a line each.</summary>
    internal sealed class SaveJsonNode<T>(PlanNode<T> parent, SaveTarget target) : ActionNode<T, long>(parent)
    {
        private const int BufferBytes = 64 << 10;

        private SaveJsonNode(PlanReader reader)
            : this(reader.Parent<T>(), SaveTargets.Read(reader))
        {
        }

        public override string Operator => "SaveAsJsonFile";

        public override bool SideEffects => true;

        public override void WriteArguments(PlanWriter writer) => SaveTargets.Write(writer, target);

        protected override long Compute(Pipeline<T> input, int partition, TaskScope scope)
        {
            var info = JsonBinding<T>.Info;
            using var file = new PartFile(target, partition, scope.Task.Attempt);
            using var reader = input.AsReader();
            var buffer = new System.Buffers.ArrayBufferWriter<byte>(BufferBytes);
            using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = info.Options.Encoder, SkipValidation = true });
            long count = 0;
            while (reader.Next(1024, out var run))
            {
                scope.Cancellation.ThrowIfCancellationRequested();
                foreach (var element in run)
                {
                    JsonSerializer.Serialize(json, element is null ? throw SaveErrors.Null(count, partition, "JSON file") : element, info);
                    json.Flush();
                    json.Reset();
                    buffer.GetSpan(1)[0] = (byte)'\n';
                    buffer.Advance(1);
                    count++;
                    if (buffer.WrittenCount >= BufferBytes)
                    {
                        file.Content.Write(buffer.WrittenSpan);
                        buffer.ResetWrittenCount();
                    }
                }
            }

            file.Content.Write(buffer.WrittenSpan);
            file.Commit();
            return count;
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Writes each partition as a file <c>part-00000.json</c>, ... of JSON values, one a line, in a new directory, and <c>_SUCCESS</c> last.
        /// <c>JsonFile</c> reads the same elements back. Nothing half-written remains when the job fails or is cancelled.
        /// </summary>
        /// <remarks>System.Text.Json with public fields included, enums by name, NaN and the infinities as strings.</remarks>
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        /// <exception cref="ArgumentException">System.Text.Json cannot handle the element type.</exception>
        /// <exception cref="IOException">The path exists; nothing was run.</exception>
        /// <exception cref="JobFailedException">A task failed for good, such as for a null element.</exception>
        public Task SaveAsJsonFileAsync(string path, CancellationToken cancellationToken = default) =>
            SaveAsJsonFileAsync(path, new JsonFileOptions(), cancellationToken);

        /// <inheritdoc cref="SaveAsJsonFileAsync(string, CancellationToken)" />
        /// <param name="path">The directory to make, on a file system that all workers share.</param>
        /// <param name="options">How the files are compressed.</param>
        /// <param name="cancellationToken">Stops the job.</param>
        public Task SaveAsJsonFileAsync(string path, JsonFileOptions options, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(options);
            _ = JsonBinding<T>.Info;
            return SaveAsync(
                nameof(SaveAsJsonFileAsync), path, ".json", options.Compression, target => new SaveJsonNode<T>(Node, target), cancellationToken);
        }
    }
}
