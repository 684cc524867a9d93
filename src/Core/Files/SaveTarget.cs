using System.Globalization;
using MicroSpark.Model;

namespace MicroSpark.Files;

/// <summary>
/// Where one job saves. Travels in the plan; every name that job, tasks and readers agree on is made here.
/// </summary>
/// <param name="Path">Absolute path of the directory that the job makes; see <see cref="InputPaths.MakeAbsolute"/>.</param>
/// <param name="Extension">What names of parts end with, before what the compression adds: <c>.csv</c>.</param>
internal readonly record struct SaveTarget(string Path, JobId Job, Compression Compression, string Extension = "")
{
    /// <summary>Readers skip it, as every name that starts with an underscore.</summary>
    public string TemporaryDirectory => System.IO.Path.Join(Path, "_temporary");

    /// <summary>Where the tasks of this job write.</summary>
    public string JobDirectory => System.IO.Path.Join(TemporaryDirectory, Job.ToString());

    /// <summary>Says which job the target belongs to while that job runs.</summary>
    public string OwnerFile => System.IO.Path.Join(TemporaryDirectory, "_owner");

    /// <summary>An empty file whose presence says that all parts are there.</summary>
    public string SuccessFile => System.IO.Path.Join(Path, "_SUCCESS");

    /// <summary><c>part-00000</c>, <c>part-00001.gz</c>: the name in which the elements of a partition end up.</summary>
    public string PartName(int partition) =>
        $"part-{partition.ToString("D5", CultureInfo.InvariantCulture)}{Extension}{Compression.Extension()}";

    /// <summary>The file in which the elements of a partition end up.</summary>
    public string PartFile(int partition) => System.IO.Path.Join(Path, PartName(partition));

    /// <summary>The file that one attempt of a partition writes.</summary>
    public string AttemptFile(int partition, AttemptId attempt) => System.IO.Path.Join(JobDirectory, $"{PartName(partition)}-{attempt}");
}
