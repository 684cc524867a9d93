using System.Text;

namespace MicroSpark.Files;

/// <summary>
/// The job's part of a save, around the tasks: it takes the directory for itself, declares it complete, or removes the files written.
/// </summary>
/// <remarks>
/// <code>
///   Begin   target/                         must not exist; one of several jobs that begin at once gets it
///           target/_temporary/_owner        the job's id
///   tasks   target/_temporary/JOB/part-00000-ATTEMPT   then, in one step that fails if it exists, target/part-00000
///   Commit  target/_SUCCESS                 once every part is there; then _temporary goes
///   Abort   all of it goes, last the directory
/// </code>
/// Each step may be repeated with the same job id: a job that moves to another silo starts over where it was. Files are flushed
/// to the operating system, not to the platters: a crash of a process loses nothing, a power cut may.
/// </remarks>
internal static class SaveCommit
{
    private const string TemporaryName = "_temporary";

    /// <summary>Makes the target, before any task runs.</summary>
    /// <exception cref="IOException">The target exists, as a directory or as a file, and is not this job's; or it cannot be
    /// made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    /// <param name="forOwner">Whether nobody but this user may enter the target.</param>
    public static void Begin(SaveTarget target, IFileSystem? files = null, bool forOwner = false)
    {
        files ??= LocalFileSystem.Instance;
        if (files.Stat(target.Path) is { } found)
        {
            if (IsOwner(target, files))
            {
                files.CreateDirectory(target.JobDirectory);
                return;
            }

            throw Exists(target, found.IsDirectory ? "directory" : "file");
        }

        var claim = Path.Join(target.JobDirectory, "_owner");
        var owned = false;
        try
        {
            files.CreateDirectory(target.JobDirectory, forOwner);
            using (var owner = files.CreateAside(claim))
            {
                owner.Write(Encoding.ASCII.GetBytes(target.Job.ToString()));
            }

            // Of two jobs that both saw nothing one gets the owner's mark. A third may have begun and ended since, and taken its mark away:
            // then its parts are here.
            owned = files.TryPublish(claim, target.OwnerFile);
            if (owned && files.List(target.Path).All(static entry => entry.Name.SequenceEqual(TemporaryName)))
            {
                return;
            }

            files.Delete(owned ? target.TemporaryDirectory : target.JobDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var withdrawn = TryWithdraw(target, owned, files);
            if (withdrawn && files.Stat(target.Path) is { IsDirectory: true })
            {
                // What is there is another job's, which ended meanwhile and took this one's beginning away with its own.
                throw Exists(target, "directory");
            }

            var message =
                $"The output directory '{target.Path}' cannot be made: {e.Message} Save to a path that does not exist, in a directory "
                + $"that this process may write.";
            throw e is IOException ? new IOException(message, e) : new UnauthorizedAccessException(message, e);
        }

        throw Exists(target, "directory");
    }

    /// <summary>Declares the output complete. All tasks must have ended.</summary>
    /// <exception cref="IOException">A part is missing: the target is not on a file system that all workers share.</exception>
    public static void Commit(SaveTarget target, int partitions, IFileSystem? files = null)
    {
        files ??= LocalFileSystem.Instance;
        var present = files.List(target.Path).Select(entry => entry.Name.ToString()).ToHashSet(StringComparer.Ordinal);
        for (var partition = 0; partition < partitions; partition++)
        {
            if (!present.Contains(target.PartName(partition)))
            {
                throw new IOException(
                    $"The part '{target.PartFile(partition)}' was written but is not there. '{target.Path}' must be on a file system "
                    + $"that all "
                    + "workers share, and nobody else may change it while the job runs.");
            }
        }

        if (!present.Contains(Path.GetFileName(target.SuccessFile)))
        {
            var mark = Path.Join(target.JobDirectory, "_SUCCESS");
            files.Delete(mark);
            files.CreateAside(mark).Dispose();
            files.TryPublish(mark, target.SuccessFile);
        }

        files.Delete(target.TemporaryDirectory);
    }

    /// <summary>
    /// Removes what the job wrote. Leaves a target alone that another job owns or that is complete, and files that are not the job's.
    /// </summary>
    public static void Abort(SaveTarget target, IFileSystem? files = null)
    {
        files ??= LocalFileSystem.Instance;
        if (files.Stat(target.Path) is not { IsDirectory: true } || !IsOwner(target, files))
        {
            return;
        }

        // Parts are published from the job's directory: once it is gone, a task that still runs cannot add one.
        files.Delete(target.JobDirectory);
        var foreign = false;
        foreach (var entry in files.List(target.Path).ToArray())
        {
            if (IsPart(entry.Name) || entry.Name is "_SUCCESS")
            {
                files.Delete(entry.Path);
            }
            else
            {
                foreign |= !entry.Name.SequenceEqual(TemporaryName);
            }
        }

        // The owner's mark goes last, so that an abort that is interrupted can be repeated.
        files.Delete(foreign ? target.TemporaryDirectory : target.Path);
    }

    /// <summary>
    /// As <see cref="Abort"/>, after a failure. The program must hear of that failure, and not of files that could not be removed: these
    /// have no mark of success.
    /// </summary>
    public static void ClearUp(SaveTarget target, IFileSystem? files = null)
    {
        try
        {
            Abort(target, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _ = e;
        }
    }

    /// <summary>Removes what a beginning that failed has made, unless another job is there too.</summary>
    /// <returns>Whether it could be removed.</returns>
    private static bool TryWithdraw(SaveTarget target, bool owned, IFileSystem files)
    {
        try
        {
            files.Delete(owned ? target.TemporaryDirectory : target.JobDirectory);
            files.DeleteIfEmpty(target.TemporaryDirectory);
            files.DeleteIfEmpty(target.Path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The program hears why it could not begin.
            _ = e;
            return false;
        }
    }

    private static bool IsOwner(SaveTarget target, IFileSystem files)
    {
        if (files.Stat(target.OwnerFile) is not { IsDirectory: false } owner)
        {
            return false;
        }

        try
        {
            using var reader = new StreamReader(files.OpenRead(owner, 0));
            return reader.ReadToEnd() == target.Job.ToString();
        }
        catch (FileNotFoundException)
        {
            return false; // its owner just ended
        }
    }

    private static bool IsPart(ReadOnlySpan<char> name) => name.StartsWith("part-") && name.Length > 5 && char.IsAsciiDigit(name[5]);

    private static IOException Exists(SaveTarget target, string what) => new(
        $"The output {what} '{target.Path}' exists already. Save to a path that does not exist, or delete it first.");
}
