using System.Security.Cryptography;
using System.Text;

namespace MicroSpark.Grains.Jobs;

/// <summary>A job's last stage stores its outputs under an id of the job's own: results belong to their job.</summary>
internal static class JobOutput
{
    public static LineageId LineageOf(JobId job) => LineageId.FromHash(SHA256.HashData(Encoding.ASCII.GetBytes($"job {job}")));
}
